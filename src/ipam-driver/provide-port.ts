import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { FixedIpRequest } from '../neutron/requests.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { SECURITY_GROUPS_OPTION } from '../ownership/access-options.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { CREATED_PORT_TAG, DEVICE_OWNER, hostTag, poolTag, UNBOUND_PORT_NAME } from '../ownership/marks.ts'
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

/** A subnet of the Docker network, and the pool that stands for it. */
export interface PooledSubnet {
  subnet: Subnet
  poolId: string
}

/**
 * A new port, or the operator's with the address that `--ip` names. That one is looked for only once Neutron says that the
 * address is taken; the gateway's is never asked for.
 */
export async function providePort(
  context: IpamContext,
  { wish, others }: { wish: FixedIpWish; others: PooledSubnet[] },
  call: PluginCall,
): Promise<Port> {
  if (wish.asked !== undefined && wish.asked === wish.subnet.gateway_ip) {
    const gateway = await adopt(context, { wish, others }, call)
    if (gateway) return gateway
    refuseGateway(wish)
  }
  try {
    return await createPort(context, { wish, others }, call)
  } catch (error) {
    const adopted =
      wish.asked !== undefined && isTaken(error) ? await adopt(context, { wish, others }, call) : undefined
    if (adopted) return adopted
    throw error
  }
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof NeutronError && (error.type === 'IpAddressAlreadyAllocated' || error.type === 'IpAddressInUse')
  )
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

/**
 * A container with the address of its own gateway would cut off the others. Whoever wants that makes the port in Neutron.
 *
 * @throws {PluginError} 409
 */
export function refuseGateway({ asked, subnet }: FixedIpWish): void {
  if (asked === undefined || asked !== subnet.gateway_ip) return
  throw new PluginError(
    409,
    `address ${asked} is the gateway of subnet ${subnet.cidr}: give another --ip (or, for a container that is the gateway, first make a Neutron port with that address)`,
  )
}

/** Says in Docker's words what Neutron refused in its own. */
export function explainRefusal(error: unknown, { asked, subnet, dockerNetwork }: FixedIpWish): unknown {
  if (!(error instanceof NeutronError)) return error
  const explained = (text: string): NeutronError =>
    new NeutronError(error.type, `${text}: ${error.message}`, { cause: error })
  if (isTaken(error)) {
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
