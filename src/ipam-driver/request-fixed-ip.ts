import type { PluginCall } from '../docker-plugin/drivers.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { FixedIpRequest } from '../neutron/requests.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { findDockerNetwork } from '../ownership/docker-network.ts'
import type { AheadOfDocker } from '../ownership/endpoint-ledger.ts'
import { CREATED_PORT_TAG, DEVICE_OWNER, dockerIdOf, hostTag, UNBOUND_PORT_NAME } from '../ownership/marks.ts'
import { adoptPort } from './adopt-port.ts'
import type { IpamContext } from './context.ts'

export interface FixedIpWish {
  poolId: string
  subnet: Subnet
  /** `--ip` or `--ip6`, canonical. */
  asked: string | undefined
}

/**
 * An address for a container: a new port that holds it, or the operator's port that has it.
 *
 * On a dual-stack network the port gets its IPv6 address at once with the IPv4 one, which Docker asks for first; so a
 * container has one port, not two (upstream's D2).
 */
export async function requestFixedIp(context: IpamContext, wish: FixedIpWish, call: PluginCall): Promise<string> {
  const [pool] = await context.neutron.subnetpools.list({ id: wish.poolId }, call)
  const dockerId = pool && dockerIdOf(pool.tags)
  const ahead = dockerId === undefined ? undefined : context.endpoints.ahead(dockerId)
  const kept = ahead?.addresses.find(({ subnetId }) => subnetId === wish.subnet.id)
  if (dockerId !== undefined && ahead && kept) {
    context.endpoints.clearAhead(dockerId)
    return takeAhead(context, { ahead, kept, wish }, call)
  }
  if (wish.asked) {
    const adopted = await adoptPort(context, { subnet: wish.subnet, address: wish.asked }, call)
    if (adopted) return wish.asked
  }
  const others = dockerId === undefined ? [] : await otherFamily(context, { dockerId, subnet: wish.subnet }, call)
  const port = await createPort(context, { wish, others }, call)
  if (dockerId !== undefined && others.length > 0) {
    const addresses = port.fixed_ips
      .filter(({ subnet_id }) => subnet_id !== wish.subnet.id)
      .map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, address: ip_address }))
    context.endpoints.setAhead(dockerId, { portId: port.id, addresses })
  }
  return addressIn(port, wish.subnet)
}

/** Docker asks IPv4 first, then IPv6: only the former is given the latter ahead. */
async function otherFamily(
  { neutron }: IpamContext,
  { dockerId, subnet }: { dockerId: string; subnet: Subnet },
  call: PluginCall,
): Promise<Subnet[]> {
  if (subnet.ip_version === 6) return []
  const found = await findDockerNetwork(neutron, dockerId, call)
  return found?.subnets.filter(({ ip_version }) => ip_version === 6).slice(0, 1) ?? []
}

async function createPort(
  { neutron, options }: IpamContext,
  { wish, others }: { wish: FixedIpWish; others: Subnet[] },
  call: PluginCall,
): Promise<Port> {
  const { subnet, asked } = wish
  const fixedIps: FixedIpRequest[] = [
    { subnet_id: subnet.id, ...(asked !== undefined && { ip_address: asked }) },
    ...others.map(({ id }) => ({ subnet_id: id })),
  ]
  try {
    return await neutron.ports.create(
      {
        network_id: subnet.network_id,
        name: UNBOUND_PORT_NAME,
        admin_state_up: true,
        fixed_ips: fixedIps,
        device_owner: DEVICE_OWNER,
        tags: [CREATED_PORT_TAG, hostTag(options.host)],
      },
      call,
    )
  } catch (error) {
    throw explainRefusal(error, wish)
  }
}

/** `--ip6` where the port already has an address of that subnet: exchanges it. */
async function takeAhead(
  { neutron }: IpamContext,
  { ahead, kept, wish }: { ahead: AheadOfDocker; kept: AheadOfDocker['addresses'][number]; wish: FixedIpWish },
  call: PluginCall,
): Promise<string> {
  if (wish.asked === undefined || wish.asked === kept.address) return kept.address
  const port = await neutron.ports.show(ahead.portId, call)
  const others = port.fixed_ips.filter(({ subnet_id }) => subnet_id !== wish.subnet.id)
  const fixed_ips = [...others, { subnet_id: wish.subnet.id, ip_address: wish.asked }]
  try {
    await neutron.ports.update(port.id, { fixed_ips }, call)
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

/** Says in Docker's words what Neutron refused in its own. */
function explainRefusal(error: unknown, { asked, subnet }: FixedIpWish): unknown {
  if (!(error instanceof NeutronError)) return error
  if (error.type === 'IpAddressAlreadyAllocated' || error.type === 'IpAddressInUse') {
    const what = asked ?? 'the address'
    return new NeutronError(error.type, `${what} of subnet ${subnet.cidr} is in use: ${error.message}`, {
      cause: error,
    })
  }
  return error
}
