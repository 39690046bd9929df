import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { PortForwarding } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark, isBirthMark } from '../ownership/birth-marks.ts'
import { undoOrLater } from '../ownership/undo-or-later.ts'
import { explainRefusal } from './explain-refusal.ts'
import { floatingAddressOf, type PublicAddress } from './floating-address.ts'
import { type Destination, forwardPort } from './forward-port.ts'
import { portTaken } from './port-taken.ts'
import { describePort, type PublishedPort } from './published-ports.ts'
import type { PublishingContext } from './publishing-context.ts'

export interface PortsToPublish {
  dockerNetwork: DockerNetwork
  endpointId: string
  /** The container's, in Neutron. */
  port: Port
  ports: readonly PublishedPort[]
}

/**
 * Publishes ports of a container: forwards them from the floating IP of its Docker network. All or none; done before is
 * success.
 *
 * @throws {PluginError | RangeError} that says what is in the way, and what to do
 */
export async function publishPorts(context: PublishingContext, wish: PortsToPublish, call: PluginCall): Promise<void> {
  try {
    await publishKnowing(context, { ...wish, place: placeOf(wish) }, call)
  } catch (error) {
    if (!(error instanceof NeutronError)) throw error
    // What is remembered may have been another's doing.
    context.addresses.forget(wish.dockerNetwork.dockerId)
    throw await explainRefusal(context, error, call)
  }
}

/** Times that the floating IP is looked up: what is remembered may be gone, and so may one that another host gives up. */
const LOOKS = 3

/** Believes what is remembered of the floating IP; once it turns out to be gone, looks again. */
async function publishKnowing(
  context: PublishingContext,
  wish: PortsToPublish & { place: Place },
  call: PluginCall,
): Promise<void> {
  for (let look = 1; ; look += 1) {
    const at = await lookUp(context, wish, call)
    try {
      await publishOn(context, { ...wish, at }, call)
      return
    } catch (error) {
      const isGone = error instanceof NeutronError && error.type === 'FloatingIPNotFound'
      if (!isGone || look === LOOKS) throw error
      context.addresses.forget(wish.dockerNetwork.dockerId)
    }
  }
}

function lookUp(
  context: PublishingContext,
  { dockerNetwork, place }: PortsToPublish & { place: Place },
  call: PluginCall,
): Promise<PublicAddress> {
  const { dockerId } = dockerNetwork
  return context.allocations.run(dockerId, async () => {
    const known = context.addresses.get(dockerId)
    if (known) return known
    const found = await floatingAddressOf(context, { dockerNetwork, subnet: place.subnet }, call)
    context.addresses.add(dockerId, found)
    return found
  })
}

interface Place extends Destination {
  subnet: Subnet
}

/** The address that is forwarded to. */
function placeOf({ port, dockerNetwork, ports }: PortsToPublish): Place {
  for (const { ip_address, subnet_id } of port.fixed_ips) {
    const subnet = dockerNetwork.subnets.find(({ id, ip_version }) => id === subnet_id && ip_version === 4)
    if (subnet) return { portId: port.id, address: ip_address, subnet }
  }
  throw new PluginError(
    409,
    `cannot publish ${ports.map(describePort).join(', ')}: the container has no IPv4 address, and floating IPs are forwarded to none else: give the network an IPv4 subnet, or leave -p out`,
  )
}

async function publishOn(
  context: PublishingContext,
  { ports, place, at, endpointId }: PortsToPublish & { place: Place; at: PublicAddress },
  call: PluginCall,
): Promise<void> {
  refuseOtherAddress(ports, at)
  const forwardings = context.access.portForwardings(at.id)
  await using undo = undoOrLater(context.later, call)
  const published: PortForwarding[] = []
  for (const port of ports) {
    const wish = { published: port, destination: place, description: birthMark(context.host) }
    const done = await forwardPort(forwardings, wish, call)
    if ('taken' in done) throw await portTaken(context.neutron, { port, address: at.address, holder: done.taken }, call)
    const { id } = done.forwarding
    if (done.made) undo.add(`port forwarding ${id}`, () => ifThere(forwardings.delete(id)))
    published.push(done.forwarding)
  }
  call.signal.throwIfAborted()
  undo.keep()
  // The operator may have forwarded one himself, and keeps it.
  const own = published.filter(({ description }) => isBirthMark(description))
  context.published.set(endpointId, { floatingIpId: at.id, forwardingIds: own.map(({ id }) => id) })
  for (const { external_port, protocol, internal_port } of published) {
    const from = `${at.address}:${external_port ?? ''}/${protocol}`
    call.log.info({ from, to: `${place.address}:${internal_port ?? ''}` }, 'port published')
  }
}

function refuseOtherAddress(ports: readonly PublishedPort[], { address }: PublicAddress): void {
  const other = ports.find(({ hostAddress }) => hostAddress !== '' && hostAddress !== address)
  if (!other) return
  throw new RangeError(
    `cannot publish ${describePort(other)} at ${other.hostAddress}: ports of this network are published at its floating IP ${address}, and nowhere else: give no address, or that one`,
  )
}
