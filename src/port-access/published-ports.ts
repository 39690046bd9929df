import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** A port of a container that its user wants reachable from outside: `docker run -p`. */
export interface PublishedPort {
  protocol: 'tcp' | 'udp'
  /** In the container. */
  port: number
  /** Outside: any one of these. */
  range: { first: number; last: number }
  /** Whether the user left the outer port to us. */
  anyPort: boolean
  /** The address that the user wants it at; empty: any. */
  hostAddress: string
}

/** Outer ports for `-P` and `-p 80`: those that Linux, and so Docker, takes for it. */
const ANY_PORT = { first: 32_768, last: 60_999 }

const Port = (minimum: number): ReturnType<typeof Type.Integer> => Type.Integer({ minimum, maximum: 65_535 })

const PortMapping = Type.Object({
  /** IANA's number of the protocol. */
  Proto: Type.Integer(),
  Port: Port(1),
  HostIP: Type.Optional(Type.String({ maxLength: 45 })),
  /** 0: any. */
  HostPort: Type.Optional(Port(0)),
  HostPortEnd: Type.Optional(Port(0)),
})
type PortMapping = Static<typeof PortMapping>

/** As many as a floating IP can have for one protocol. */
const PortMappings = Compile(Type.Array(PortMapping, { maxItems: 65_535 }))

const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }

/** Docker's key of the ports to publish among a call's options (libnetwork `netlabel`). */
const PORT_MAP = 'com.docker.network.portmap'

/** Whether the call's options ask for ports to be published. */
export function asksToPublish(options: Readonly<Record<string, unknown>> | null | undefined): boolean {
  const asked = options?.[PORT_MAP]
  return Array.isArray(asked) && asked.length > 0
}

/**
 * The ports that a call's options ask to publish, each once.
 *
 * @throws {RangeError} for what is not of Docker's form, and for what port forwarding cannot do: other protocols than tcp
 * and udp, and a container's port at two outer ports
 */
export function readPublishedPorts(options: Readonly<Record<string, unknown>> | null | undefined): PublishedPort[] {
  const asked = options?.[PORT_MAP] ?? []
  if (!PortMappings.Check(asked)) {
    const [error] = PortMappings.Errors(asked)
    throw new RangeError(
      `Options["${PORT_MAP}"]${error?.instancePath ?? ''}: expected ports to publish as Docker sends them: ${error?.message ?? ''}`,
    )
  }
  const ports = [...new Map(asked.map(read).map(port => [JSON.stringify(port), port])).values()]
  refuseTwice(ports)
  return ports
}

/** `8080:80/tcp`, as `docker run -p` has it. */
export function describePort({ protocol, port, range, anyPort }: PublishedPort): string {
  const outer = range.first === range.last ? range.first : `${range.first}-${range.last}`
  return anyPort ? `${port}/${protocol}` : `${outer}:${port}/${protocol}`
}

function read(mapping: PortMapping): PublishedPort {
  const protocol = PROTOCOLS[mapping.Proto] ?? `protocol ${mapping.Proto}`
  const { Port: port, HostIP: hostAddress = '', HostPort: first = 0 } = mapping
  if (protocol !== 'tcp' && protocol !== 'udp') {
    throw new RangeError(
      `cannot publish port ${port}/${protocol}: floating IPs forward tcp and udp only; leave it out, and reach the container at its own address`,
    )
  }
  const last = Math.max(mapping.HostPortEnd ?? 0, first)
  const anyPort = first === 0
  return { protocol, port, range: anyPort ? ANY_PORT : { first, last }, anyPort, hostAddress: asAny(hostAddress) }
}

function asAny(address: string): string {
  return ['0.0.0.0', '::'].includes(address) ? '' : address
}

/** Neutron forwards to a port of a container from one place only. */
function refuseTwice(ports: readonly PublishedPort[]): void {
  const seen = new Map<string, PublishedPort>()
  for (const port of ports) {
    const inner = `${port.port}/${port.protocol}`
    const other = seen.get(inner)
    if (other) {
      throw new RangeError(
        `cannot publish port ${inner} twice (${describePort(other)} and ${describePort(port)}): Neutron forwards to a container's port once`,
      )
    }
    seen.set(inner, port)
  }
}
