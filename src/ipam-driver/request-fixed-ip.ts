import type { PluginCall } from '../docker-plugin/drivers.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import type { AheadOfDocker } from '../ownership/endpoint-ledger.ts'
import { CREATED_PORT_TAG } from '../ownership/marks.ts'
import type { IpamContext } from './context.ts'
import { explainRefusal, type FixedIpWish, type PooledSubnet, providePort, refuseGateway } from './provide-port.ts'

/**
 * An address for a container: a new port that holds it, or the operator's port that has it.
 *
 * On a dual-stack network the port gets its IPv6 address at once with the IPv4 one, which Docker asks for first; so a
 * container has one port, not two (upstream's D2).
 */
export async function requestFixedIp(context: IpamContext, wish: FixedIpWish, call: PluginCall): Promise<string> {
  const dockerId = wish.dockerNetwork?.dockerId
  const ahead = dockerId === undefined ? undefined : context.endpoints.ahead(dockerId)
  const kept = ahead?.addresses.find(({ subnetId }) => subnetId === wish.subnet.id)
  if (dockerId !== undefined && ahead && kept) {
    context.endpoints.clearAhead(dockerId)
    return takeAhead(context, { ahead, kept, wish }, call)
  }
  const others = otherFamily(wish)
  const port = await providePort(context, { wish, others }, call)
  if (dockerId !== undefined && others.length > 0) {
    const addresses = others.map(({ subnet }) => ({ subnetId: subnet.id, address: addressIn(port, subnet) }))
    context.endpoints.setAhead(dockerId, { portId: port.id, addresses })
  }
  if (context.networks.remembers) context.endpoints.setPort(port)
  return addressIn(port, wish.subnet)
}

/** Docker asks IPv4 first, then IPv6: only the former is given the latter ahead. */
function otherFamily({ dockerNetwork, subnet }: FixedIpWish): PooledSubnet[] {
  if (subnet.ip_version === 6) return []
  const other = dockerNetwork?.subnets.find(({ ip_version }) => ip_version === 6)
  const pool = dockerNetwork?.pools.find(({ id, ip_version }) => ip_version === 6 && other?.tags.includes(id))
  return other && pool ? [{ subnet: other, poolId: pool.id }] : []
}

/** `--ip6` where the port already has an address of that subnet: exchanges it. */
async function takeAhead(
  { neutron, networks, endpoints }: IpamContext,
  { ahead, kept, wish }: { ahead: AheadOfDocker; kept: AheadOfDocker['addresses'][number]; wish: FixedIpWish },
  call: PluginCall,
): Promise<string> {
  if (wish.asked === undefined || wish.asked === kept.address) return kept.address
  refuseGateway(wish)
  const port = await neutron.ports.show(ahead.portId, call)
  if (!port.tags.includes(CREATED_PORT_TAG)) {
    throw new RangeError(
      `port ${port.id}, which --ip chose, has ${kept.address} in subnet ${wish.subnet.cidr}: leave --ip6 ${wish.asked} out, or give that one`,
    )
  }
  const others = port.fixed_ips.filter(({ subnet_id }) => subnet_id !== wish.subnet.id)
  const fixed_ips = [...others, { subnet_id: wish.subnet.id, ip_address: wish.asked }]
  try {
    const changed = await neutron.ports.update(port.id, { fixed_ips }, call)
    endpoints.forgetAddresses(port.id)
    if (networks.remembers) endpoints.setPort(changed)
  } catch (error) {
    throw explainRefusal(error, wish)
  }
  return wish.asked
}

function addressIn(port: Port, subnet: Subnet): string {
  const fixedIp = port.fixed_ips.find(({ subnet_id }) => subnet_id === subnet.id)
  if (!fixedIp)
    throw new NeutronError('InternalServerError', `port ${port.id} was made without an address in subnet ${subnet.id}`)
  return fixedIp.ip_address
}
