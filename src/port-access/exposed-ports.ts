import { Type } from 'typebox'
import { Errors } from 'typebox/value'

/** Where Docker tells which ports a container exposes (`--expose`, `EXPOSE` of an image) or publishes (`-p`). */
const OPTION = 'com.docker.network.endpoint.exposedports'

/** The protocols that Docker knows (`ParseProtocol` in libnetwork's `types`), by IANA's numbers. */
const PROTOCOLS = { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' } as const

export type Protocol = (typeof PROTOCOLS)[keyof typeof PROTOCOLS]

/** What is to be reached from outside: ports `first` to `last` of a protocol that has ports, or all of one that has none. */
export type Exposed =
  { protocol: Exclude<Protocol, 'icmp'>; first: number; last: number } | { protocol: Extract<Protocol, 'icmp'> }

const ExposedPorts = Type.Array(
  Type.Object({
    Proto: Type.Union(Object.keys(PROTOCOLS).map(number => Type.Literal(Number(number) as keyof typeof PROTOCOLS))),
    Port: Type.Integer({ minimum: 0, maximum: 65_535 }),
  }),
)

/**
 * The ports that a call's `Options` say the container exposes: sorted, each once, neighbours as one range.
 *
 * @throws {RangeError} for anything but Docker's list; for a protocol that Docker does not know, of which Neutron could only
 * open all ports; for port 0, which Neutron does not open.
 */
export function readExposedPorts(options: Readonly<Record<string, unknown>> | null | undefined): Exposed[] {
  const given = options?.[OPTION] ?? []
  const [error] = Errors(ExposedPorts, given)
  if (error) throw refusal(error.instancePath)
  const list = given as { Proto: keyof typeof PROTOCOLS; Port: number }[]
  const numbers = [...new Set(list.map(({ Proto }) => Proto))].sort((one, other) => one - other)
  return numbers.flatMap((number): Exposed[] => {
    const protocol = PROTOCOLS[number]
    if (protocol === 'icmp') return [{ protocol }]
    const ports = list.filter(({ Proto }) => Proto === number).map(({ Port }) => Port)
    if (ports.includes(0)) throw refusal('')
    return ranges(ports).map(range => ({ protocol, ...range }))
  })
}

function ranges(ports: number[]): { first: number; last: number }[] {
  const found: { first: number; last: number }[] = []
  for (const port of ports.toSorted((one, other) => one - other)) {
    const before = found.at(-1)
    if (before && port <= before.last + 1) before.last = port
    else found.push({ first: port, last: port })
  }
  return found
}

function refusal(place: string): RangeError {
  const protocols = Object.entries(PROTOCOLS).map(([number, name]) => `${number} (${name})`)
  return new RangeError(
    `Options["${OPTION}"]${place}: expected a list of {"Proto", "Port"} with protocol ${protocols.join(', ')} and a port from 1 to 65535: expose other ports`,
  )
}
