import type { PortCreate } from '../../neutron/requests.ts'
import type { Port } from '../../neutron/resources.ts'
import type { Condition } from '../../store/store.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { bornAttributes } from '../standard-attributes.ts'
import { commit, type Plan, type PlanView, unchanged } from '../writes/commit.ts'
import { claimAddresses } from './address-claims.ts'
import { bindingOn } from './binding.ts'
import { chooseAddresses } from './choose-addresses.ts'
import { checkedMac, checkMacFree, generateMac } from './mac-address.ts'
import { checkedAddressPairs, checkedProfile, checkNoSecurityGroups } from './port-attributes.ts'
import { readPortCreate } from './port-bodies.ts'
import { ReservedAddresses } from './reserved-addresses.ts'
import { lookAgainForAgent } from './look-again.ts'

type Body = ReturnType<typeof readPortCreate>
type Born = ReturnType<typeof bornAttributes>

/**
 * POST /ports: the port, its MAC and its addresses come into being in one transaction, or not at all. Killed before it:
 * nothing is left; after it: the port is there, and its id is found by `device_id`, tags or address.
 */
export async function createPort(context: ServiceContext, signal: AbortSignal, request: PortCreate): Promise<Port> {
  const body = readPortCreate(request)
  checkNoSecurityGroups(body.security_groups)
  const born = bornAttributes(context, body)
  using reserved = new ReservedAddresses(context)
  return await commit(context, signal, view => {
    reserved.release()
    return planPort({ context, view, reserved }, body, born)
  })
}

interface Planning {
  context: ServiceContext
  view: PlanView
  reserved: ReservedAddresses
}

function planPort({ context, view, reserved }: Planning, body: Body, born: Born): Plan<Port> {
  const { tables } = view
  const networkId = body.network_id
  found(kinds.networks, tables, networkId)
  const host = body['binding:host_id'] ?? ''
  lookAgainForAgent(view, host)
  const addresses = chooseAddresses({ context, view, networkId, current: [], reserved }, body.fixed_ips)
  const address = addresses[0]?.fixedIp.ip_address
  const mac =
    body.mac_address === undefined ? generateMac(context, tables, { networkId, address }) : checkedMac(body.mac_address)
  checkMacFree(tables, networkId, mac)
  const claims = claimAddresses(tables, born.id, addresses)
  const port = buildPort(
    { body, born, mac },
    addresses.map(({ fixedIp }) => fixedIp),
    bindingOn(tables, host),
  )
  const [key, macKey] = [keys.port(port.id), keys.mac(networkId, mac)]
  return {
    when: [{ key, exists: false }, { key: macKey, exists: false }, ...sameNetwork(view, networkId), ...claims.when],
    put: { [key]: port, [macKey]: port.id, ...claims.put },
    delete: [],
    mark: key,
    result: port,
  }
}

/** The network is there, and has the subnets that were looked at. */
function sameNetwork({ tables }: PlanView, networkId: string): Condition[] {
  return [
    { key: keys.network(networkId), exists: true },
    unchanged(keys.networkSubnets(networkId), tables.networkSubnets.get(networkId)),
  ]
}

function buildPort(
  { body, born, mac }: { body: Body; born: Born; mac: string },
  fixedIps: Port['fixed_ips'],
  binding: ReturnType<typeof bindingOn>,
): Port {
  return {
    ...born,
    network_id: body.network_id,
    mac_address: mac,
    fixed_ips: fixedIps,
    admin_state_up: body.admin_state_up ?? true,
    status: 'DOWN',
    device_id: body.device_id ?? '',
    device_owner: body.device_owner ?? '',
    security_groups: [],
    allowed_address_pairs: checkedAddressPairs(body.allowed_address_pairs ?? []),
    extra_dhcp_opts: [],
    port_security_enabled: body.port_security_enabled ?? true,
    'binding:vnic_type': body['binding:vnic_type'] ?? 'normal',
    'binding:profile': checkedProfile(body['binding:profile']),
    ...binding,
  }
}
