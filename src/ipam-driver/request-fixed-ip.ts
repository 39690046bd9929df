import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { FixedIpRequest } from '../neutron/requests.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { SECURITY_GROUPS_OPTION } from '../ownership/access-options.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import type { AheadOfDocker } from '../ownership/endpoint-ledger.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark, CREATED_PORT_TAG, DEVICE_OWNER, hostTag, poolTag, UNBOUND_PORT_NAME } from '../ownership/marks.ts'
import { undoOrLater } from '../ownership/undo-or-later.ts'
import { adoptPort } from './adopt-port.ts'
import type { IpamContext } from './context.ts'

export interface FixedIpWish {
  poolId: string
  subnet: Subnet
  /** Whose pool it is; `undefined` for a pool of Python Kuryr's. */
  dockerNetwork: DockerNetwork | undefined
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
  const dockerId = wish.dockerNetwork?.dockerId
  const ahead = dockerId === undefined ? undefined : context.endpoints.ahead(dockerId)
  const kept = ahead?.addresses.find(({ subnetId }) => subnetId === wish.subnet.id)
  if (dockerId !== undefined && ahead && kept) {
    context.endpoints.clearAhead(dockerId)
    return takeAhead(context, { ahead, kept, wish }, call)
  }
  const others = otherFamily(wish)
  const adopted = wish.asked === undefined ? undefined : await adopt(context, { wish, others }, call)
  if (!adopted) refuseGateway(wish)
  const port = adopted ?? (await createPort(context, { wish, others }, call))
  if (dockerId !== undefined && others.length > 0) {
    const addresses = others.map(({ subnet }) => ({ subnetId: subnet.id, address: addressIn(port, subnet) }))
    context.endpoints.setAhead(dockerId, { portId: port.id, addresses })
  }
  if (context.networks.remembers) context.endpoints.setPort(port)
  return addressIn(port, wish.subnet)
}

/** A container with the address of its own gateway would cut off the others. Whoever wants that makes the port in Neutron. */
function refuseGateway({ asked, subnet }: FixedIpWish): void {
  if (asked === undefined || asked !== subnet.gateway_ip) return
  throw new PluginError(
    409,
    `address ${asked} is the gateway of subnet ${subnet.cidr}: give another --ip (or, for a container that is the gateway, first make a Neutron port with that address)`,
  )
}

/** A subnet of the Docker network, and the pool that stands for it. */
interface PooledSubnet {
  subnet: Subnet
  poolId: string
}

/** Docker asks IPv4 first, then IPv6: only the former is given the latter ahead. */
function otherFamily({ dockerNetwork, subnet }: FixedIpWish): PooledSubnet[] {
  if (subnet.ip_version === 6) return []
  const other = dockerNetwork?.subnets.find(({ ip_version }) => ip_version === 6)
  const pool = dockerNetwork?.pools.find(({ id, ip_version }) => ip_version === 6 && other?.tags.includes(id))
  return other && pool ? [{ subnet: other, poolId: pool.id }] : []
}

async function adopt(
  context: IpamContext,
  { wish, others }: { wish: FixedIpWish; others: PooledSubnet[] },
  call: PluginCall,
): Promise<Port | undefined> {
  const address = wish.asked ?? ''
  const marks = [wish.poolId, ...others.map(({ poolId }) => poolId)].map(poolTag)
  return adoptPort(context, { subnet: wish.subnet, address, others: others.map(({ subnet }) => subnet), marks }, call)
}

async function createPort(
  { neutron, options, later }: IpamContext,
  { wish, others }: { wish: FixedIpWish; others: PooledSubnet[] },
  call: PluginCall,
): Promise<Port> {
  const { subnet, asked, poolId } = wish
  const fixedIps: FixedIpRequest[] = [
    { subnet_id: subnet.id, ...(asked !== undefined && { ip_address: asked }) },
    ...others.map(other => ({ subnet_id: other.subnet.id })),
  ]
  const groups = wish.dockerNetwork?.securityGroups ?? []
  const pools = [poolId, ...others.map(other => other.poolId)].map(poolTag)
  await using undo = undoOrLater(later, call)
  // Not given up half-way: what is not known to be made cannot be taken back.
  call.signal.throwIfAborted()
  const port = await neutron.ports
    .create({
      network_id: subnet.network_id,
      name: UNBOUND_PORT_NAME,
      description: birthMark(options.host),
      admin_state_up: true,
      fixed_ips: fixedIps,
      device_owner: DEVICE_OWNER,
      ...(groups.length > 0 && { security_groups: groups }),
      tags: [CREATED_PORT_TAG, hostTag(options.host), ...pools],
    })
    .catch((error: unknown) => {
      throw explainRefusal(error, wish)
    })
  undo.add(`port ${port.id}`, () => ifThere(neutron.ports.delete(port.id)))
  call.signal.throwIfAborted()
  undo.keep()
  return port
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

/** Says in Docker's words what Neutron refused in its own. */
function explainRefusal(error: unknown, { asked, subnet, dockerNetwork }: FixedIpWish): unknown {
  if (!(error instanceof NeutronError)) return error
  const explained = (text: string): NeutronError =>
    new NeutronError(error.type, `${text}: ${error.message}`, { cause: error })
  if (error.type === 'IpAddressAlreadyAllocated' || error.type === 'IpAddressInUse') {
    return explained(`address ${asked ?? ''} of subnet ${subnet.cidr} is in use, give another --ip`)
  }
  if (error.type === 'SecurityGroupNotFound') {
    return explained(
      `a security group that option ${SECURITY_GROUPS_OPTION} of this Docker network names is gone, make the network anew with others`,
    )
  }
  if (dockerNetwork?.securityGroups.length && /security.?group/i.test(error.message)) {
    return explained(`option ${SECURITY_GROUPS_OPTION} of this Docker network`)
  }
  if (error.type === 'IpAddressGenerationFailure') {
    return explained(`subnet ${subnet.cidr} has no free address left, remove a container or use a larger --subnet`)
  }
  return error
}
