import { setTimeout as delay } from 'node:timers/promises'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { AccessServices, FloatingIp } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Subnet } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { dockerIdTags } from '../ownership/marks.ts'
import { externalNetworkOf } from './external-network.ts'

/** A floating IP that ports are published on. */
export interface PublicAddress {
  /** Of the floating IP. */
  id: string
  address: string
}

type Access = Pick<AccessServices, 'floatingIps' | 'routers'>

export interface FloatingAddressParts {
  neutron: Pick<Neutron, 'ports'>
  access: Access
  /** This host's name, for the marks. */
  host: string
  /** Milliseconds between two looks at who takes which floating IP, and after which nobody is waited for any more. */
  waiting?: { pause: number; patience: number }
}

const WAITING = { pause: 300, patience: 5000 }

/** Milliseconds for which a floating IP that is not used yet may be about to be. */
const YOUNG = 60_000

/** The Docker network's floating IPs: the operator's, or our own (several for a moment, while hosts agree on one). */
export async function findFloatingIps(
  { floatingIps }: Pick<AccessServices, 'floatingIps'>,
  { dockerId, publish }: Pick<DockerNetwork, 'dockerId' | 'publish'>,
  call: Call,
): Promise<FloatingIp[]> {
  if (publish?.address !== undefined) return floatingIps.list({ floating_ip_address: publish.address }, call)
  return floatingIps.list({ tags: dockerIdTags(dockerId) }, call)
}

/**
 * The floating IP that the Docker network's ports are published on: the operator's, if the network's options name one;
 * else our own, which the first host that needs it allocates where the subnet's router leads to.
 *
 * @throws {PluginError} that says what is missing
 */
export async function floatingAddressOf(
  parts: FloatingAddressParts,
  { dockerNetwork, subnet }: { dockerNetwork: DockerNetwork; subnet: Subnet },
  call: Call,
): Promise<PublicAddress> {
  const found = await findFloatingIps(parts.access, dockerNetwork, call)
  const wanted = dockerNetwork.publish?.address
  if (wanted !== undefined) return publicAddress(operatorsOwn(wanted, found))
  const { dockerId } = dockerNetwork
  if (found.length > 0) return publicAddress(await agreedOn(parts, { dockerId, found, own: undefined }, call))
  const network = await externalNetworkOf(parts, subnet, call)
  const own = await parts.access.floatingIps.create(
    { floating_network_id: network, description: birthMark(parts.host), tags: dockerIdTags(dockerId) },
    call,
  )
  const now = await findFloatingIps(parts.access, dockerNetwork, call)
  return publicAddress(await agreedOn(parts, { dockerId, found: now, own }, call))
}

function operatorsOwn(address: string, found: readonly FloatingIp[]): FloatingIp {
  const [floatingIp, second] = found
  if (!floatingIp) {
    throw new PluginError(
      409,
      `cannot publish ports: there is no floating IP ${address}, which the network's option kuryr.publish.floating_ip names: openstack floating ip create --floating-ip-address ${address} EXTERNAL_NETWORK`,
    )
  }
  if (second) {
    throw new PluginError(409, `cannot publish ports: ${found.length} floating IPs have the address ${address}`)
  }
  if (floatingIp.port_id === null) return floatingIp
  throw new PluginError(
    409,
    `cannot publish ports: floating IP ${address} leads as a whole to port ${floatingIp.port_id}: openstack floating ip unset --port ${address}`,
  )
}

interface Choice {
  dockerId: string
  found: readonly FloatingIp[]
  /** The one that we have just allocated, and that nobody else knows to be taken. */
  own: FloatingIp | undefined
}

/**
 * Hosts that allocate at the same moment see each other's here, and only one may stay. Who published first wins; else the
 * lowest id, once the other has given way: before, it may be about to publish. One that died meanwhile is waited for in
 * vain, and no longer than some seconds.
 */
async function agreedOn(
  { access: { floatingIps }, waiting = WAITING }: FloatingAddressParts,
  choice: Choice,
  call: Call,
): Promise<FloatingIp> {
  const end = performance.now() + waiting.patience
  let { found, own } = choice
  for (;;) {
    const winner = winnerOf(found)
    if (!winner) throw new PluginError(503, 'cannot publish ports: the floating IP was deleted meanwhile: try again')
    if (own && own.id !== winner.id) {
      await giveUp(floatingIps, own, call)
      own = undefined
    }
    const others = found.filter(({ id }) => id !== winner.id)
    if (isInUse(winner) || !others.some(isYoung) || performance.now() > end) return winner
    await delay(waiting.pause, undefined, call)
    found = await floatingIps.list({ tags: dockerIdTags(choice.dockerId) }, call)
  }
}

function winnerOf(found: readonly FloatingIp[]): FloatingIp | undefined {
  const [first] = found.toSorted(
    (one, other) => Number(isInUse(other)) - Number(isInUse(one)) || (one.id < other.id ? -1 : 1),
  )
  return first
}

/** Neutron ties a floating IP to a router with its first port forwarding, and lets go of it with the last. */
function isInUse({ router_id }: FloatingIp): boolean {
  return router_id !== null
}

function isYoung({ created_at }: FloatingIp): boolean {
  return Date.now() - Date.parse(created_at) < YOUNG
}

/** That somebody has published on it in this moment is their good right. */
async function giveUp(floatingIps: Access['floatingIps'], { id }: FloatingIp, call: Call): Promise<void> {
  try {
    await ifThere(floatingIps.delete(id, call))
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 409)) throw error
  }
}

function publicAddress({ id, floating_ip_address }: FloatingIp): PublicAddress {
  return { id, address: floating_ip_address }
}
