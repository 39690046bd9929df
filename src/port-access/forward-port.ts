import { randomInt } from 'node:crypto'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { AccessServices, PortForwarding, PortForwardingCreate } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import { describePort, type PublishedPort } from './published-ports.ts'

/** Where a port is forwarded to: a container's port in Neutron, at one of its IPv4 addresses. */
export interface Destination {
  portId: string
  address: string
}

export interface PortToForward {
  published: PublishedPort
  destination: Destination
  /** Of the forwarding: tells that it is ours. */
  description: string
}

/** How often a free outer port is looked for: another may take it between a look and the request. */
const TRIES = 10

/** The forwarding that is there now. */
interface Forwarded {
  forwarding: PortForwarding
  /** False: by an earlier attempt. */
  made: boolean
}

/**
 * Forwards a port, by one request if nothing is in its way. One that is forwarded already, by an earlier attempt, is
 * found as it is.
 *
 * @returns `taken`: the forwarding that has the outer port, or the first of a range that has no free one
 */
export async function forwardPort(
  forwardings: ReturnType<AccessServices['portForwardings']>,
  { published, destination, description }: PortToForward,
  call: Call,
): Promise<Forwarded | { taken: PortForwarding }> {
  const request: Omit<PortForwardingCreate, 'external_port'> = {
    protocol: published.protocol,
    internal_port: published.port,
    internal_port_id: destination.portId,
    internal_ip_address: destination.address,
    description,
  }
  const taken = new Map<number, PortForwarding>()
  for (let tries = 0; tries < TRIES; tries += 1) {
    const external_port = freePort(published, taken)
    if (typeof external_port !== 'number') return { taken: external_port }
    try {
      return { forwarding: await forwardings.create({ ...request, external_port }, call), made: true }
    } catch (error) {
      if (!isRefusal(error)) throw error
      const found = (await forwardings.list({}, call)).filter(({ protocol }) => protocol === published.protocol)
      const own = found.find(one => leadsTo(one, published, destination))
      if (own) return { forwarding: own, made: false }
      const holder = holderOf(found, external_port)
      // Neutron had another reason.
      if (!holder) throw error
      for (const one of found) for (const port of outerPorts(one)) taken.set(port, one)
    }
  }
  throw new PluginError(503, `found no free port for ${describePort(published)} in ${TRIES} tries: try again`)
}

/** Whether the forwarding is what the user asked for. */
function leadsTo(found: PortForwarding, { port, range }: PublishedPort, { portId, address }: Destination): boolean {
  const { external_port: outer, internal_port_id, internal_ip_address, internal_port } = found
  const isThere = internal_port_id === portId && internal_ip_address === address && internal_port === port
  return isThere && outer != null && outer >= range.first && outer <= range.last
}

/**
 * The first free one of the range, as Docker does; any of those where the user left it to us, so that few have to try
 * twice. Who has the first one, if none is free.
 */
function freePort(published: PublishedPort, taken: ReadonlyMap<number, PortForwarding>): number | PortForwarding {
  const { first, last } = published.range
  const size = last - first + 1
  const start = published.anyPort ? randomInt(size) : 0
  for (let step = 0; step < size; step += 1) {
    const port = first + ((start + step) % size)
    if (!taken.has(port)) return port
  }
  return taken.get(first) ?? first
}

function holderOf(found: readonly PortForwarding[], port: number): PortForwarding | undefined {
  return found.find(one => outerPorts(one).includes(port))
}

function outerPorts({ external_port, external_port_range }: PortForwarding): number[] {
  if (external_port != null) return [external_port]
  const [first = 0, last = first] = (external_port_range ?? '').split(':').map(Number)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function isRefusal(error: unknown): boolean {
  return error instanceof NeutronError && (error.status === 400 || error.status === 409)
}
