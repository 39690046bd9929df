import { NeutronError } from '../../neutron/errors.ts'
import type { UpdateOptions } from '../../neutron/neutron.ts'
import type { PortUpdate } from '../../neutron/requests.ts'
import type { Port } from '../../neutron/resources.ts'
import type { Condition } from '../../store/store.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import type { Row } from '../replica/resource-table.ts'
import { found, kinds } from '../resource-kind.ts'
import { checkRevision, revised } from '../standard-attributes.ts'
import { commit, type Plan, type PlanView } from '../writes/commit.ts'
import { claimAddresses } from './address-claims.ts'
import { bindingOn, isBound } from './binding.ts'
import { chooseAddresses, type ChosenAddress } from './choose-addresses.ts'
import { lookAgainForAgent } from './look-again.ts'
import { checkedMac, checkMacFree } from './mac-address.ts'
import { checkedAddressPairs, checkedProfile, checkNoSecurityGroups } from './port-attributes.ts'
import { readPortUpdate } from './port-bodies.ts'
import { ReservedAddresses } from './reserved-addresses.ts'

type Body = ReturnType<typeof readPortUpdate>

interface Planning {
  context: ServiceContext
  view: PlanView
  reserved: ReservedAddresses
}

/** PUT /ports/{id}: addresses kept, added and dropped, MAC, binding and all else change in one transaction. */
export async function updatePort(
  context: ServiceContext,
  signal: AbortSignal,
  { id, body: request, options }: { id: string; body: PortUpdate; options: UpdateOptions },
): Promise<Port> {
  const body = readPortUpdate(request)
  checkNoSecurityGroups(body.security_groups)
  using reserved = new ReservedAddresses(context)
  return await commit(context, signal, view => {
    reserved.release()
    const row = found(kinds.ports, view.tables, id)
    checkRevision(row.value, options.ifRevision)
    return planUpdate({ context, view, reserved }, row, body)
  })
}

function planUpdate(planning: Planning, { value: port, modRevision }: Row<Port>, body: Body): Plan<Port> {
  const addresses = newAddresses(planning, port, body)
  const binding = newBinding(planning.view, port, body)
  const mac = newMac(planning.view, port, { ...body, binding })
  const fixedIps = addresses?.map(({ fixedIp }) => fixedIp) ?? port.fixed_ips
  const changes = { ...plainChanges(body), ...binding, mac_address: mac.address, fixed_ips: fixedIps }
  const changed = revised(planning.context, port, changes)
  const claims = claimAddresses(planning.view.tables, port.id, addresses ?? [])
  const key = keys.port(port.id)
  return {
    when: [{ key, modRevision }, ...claims.when, ...mac.when],
    put: { [key]: changed, ...claims.put, ...mac.put },
    delete: [...droppedAddresses(port, fixedIps), ...mac.delete],
    mark: key,
    result: changed,
  }
}

function newAddresses({ context, view, reserved }: Planning, port: Port, body: Body): ChosenAddress[] | undefined {
  if (!body.fixed_ips) return undefined
  const choice = { context, view, networkId: port.network_id, current: port.fixed_ips, reserved }
  return chooseAddresses(choice, body.fixed_ips)
}

function droppedAddresses(port: Port, kept: Port['fixed_ips']): string[] {
  const keyOf = (fixed: Port['fixed_ips'][number]) => keys.address(fixed.subnet_id, fixed.ip_address)
  const keptKeys = new Set(kept.map(keyOf))
  return port.fixed_ips.map(keyOf).filter(key => !keptKeys.has(key))
}

function newBinding(view: PlanView, port: Port, body: Body): Partial<Port> {
  const wanted = body['binding:host_id']
  if (wanted === undefined) return body.status === undefined ? {} : { status: body.status }
  const host = wanted ?? ''
  lookAgainForAgent(view, host)
  const binding = bindingOn(view.tables, host)
  // On another host nobody has plugged it yet.
  const moved = host !== port['binding:host_id']
  return { ...binding, status: body.status ?? (moved ? 'DOWN' : port.status) }
}

interface MacChange {
  address: string
  when: Condition[]
  put: Record<string, string>
  delete: string[]
}

function newMac({ tables }: PlanView, port: Port, body: Body & { binding: Partial<Port> }): MacChange {
  const address = body.mac_address === undefined ? port.mac_address : checkedMac(body.mac_address)
  if (address === port.mac_address) return { address, when: [], put: {}, delete: [] }
  const unbinding = body.binding['binding:vif_type'] === 'unbound'
  if (isBound(port) && !unbinding) {
    const what = `port type: ${port['binding:vif_type']}, old_mac ${port.mac_address}, new_mac ${address}`
    throw new NeutronError(
      'PortBound',
      `Unable to complete operation on port ${port.id}, port is already bound, ${what}.`,
    )
  }
  checkMacFree(tables, port.network_id, address)
  const key = keys.mac(port.network_id, address)
  return {
    address,
    when: [{ key, exists: false }],
    put: { [key]: port.id },
    delete: [keys.mac(port.network_id, port.mac_address)],
  }
}

function plainChanges(body: Body): Partial<Port> {
  return {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.admin_state_up !== undefined && { admin_state_up: body.admin_state_up }),
    ...(body.device_id !== undefined && { device_id: body.device_id ?? '' }),
    ...(body.device_owner !== undefined && { device_owner: body.device_owner ?? '' }),
    ...(body.port_security_enabled !== undefined && { port_security_enabled: body.port_security_enabled }),
    ...(body.allowed_address_pairs && { allowed_address_pairs: checkedAddressPairs(body.allowed_address_pairs) }),
    ...(body['binding:vnic_type'] !== undefined && { 'binding:vnic_type': body['binding:vnic_type'] }),
    ...(body['binding:profile'] !== undefined && { 'binding:profile': checkedProfile(body['binding:profile']) }),
  }
}
