import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const Texts = Type.Record(Type.String(), Type.String())

/** What a daemon answers to `GET /kuryr/status` on its plugin socket. */
const DaemonStatus = Type.Object({
  version: Type.String(),
  host: Type.String(),
  /** When the daemon started, ISO 8601. */
  since: Type.String(),
  /** `null` where OpenStack holds the networks. */
  store: Type.Union([Type.Null(), Type.Object({ url: Type.String(), state: Type.String() })]),
  plugin: Type.Object({ uri: Type.String(), calls: Type.Number() }),
  neutron: Type.Object({
    kind: Type.String(),
    bind: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    /** Of OpenStack's. */
    state: Type.Optional(Type.String()),
  }),
  fabric: Type.Object({
    localAddress: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    networks: Type.Array(Type.Unknown()),
    problems: Type.Array(Type.String()),
  }),
  ports: Type.Optional(
    Type.Object({
      /** Containers of the host that ask for `-p` on networks that publish nothing. */
      ignored: Type.Number(),
    }),
  ),
  sharing: Type.Union([
    Type.Null(),
    Type.Object({
      via: Type.String(),
      namespace: Type.String(),
      engine: Type.Union([Type.Null(), Type.Object({ version: Type.String(), swarm: Type.Boolean() })]),
      networks: Type.Number(),
      here: Type.Number(),
    }),
  ]),
  sharingReason: Type.String(),
  problems: Type.Array(Type.Object({ what: Type.String(), why: Type.String(), todo: Type.String() })),
})
export type DaemonStatus = Static<typeof DaemonStatus>

const SharedSubnet = Type.Object({
  subnet: Type.String(),
  gateway: Type.Optional(Type.String()),
  ipRange: Type.Optional(Type.String()),
})

const HostOfNetwork = Type.Object({
  host: Type.String(),
  /** `making`, `present`, `conflict` or `draining`. */
  state: Type.String(),
  alive: Type.Boolean(),
  /** The network's id in this host's Docker; empty when it is not there. */
  networkId: Type.String(),
  note: Type.Optional(Type.String()),
})
export type HostOfNetwork = Static<typeof HostOfNetwork>

const Endpoint = Type.Object({
  host: Type.String(),
  endpointId: Type.String(),
  /** The container's name, where its host told it. */
  container: Type.String(),
  macAddress: Type.String(),
  addresses: Type.Array(Type.String()),
  status: Type.String(),
})

const Network = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** `shared`, or `removing`. */
  state: Type.String(),
  /** The host where it was made, or removed. */
  origin: Type.String(),
  created: Type.String(),
  subnets: Type.Array(SharedSubnet),
  internal: Type.Boolean(),
  options: Texts,
  labels: Texts,
  hosts: Type.Array(HostOfNetwork),
  endpoints: Type.Array(Endpoint),
})
/** A shared network with all its hosts and containers, as the daemon tells it. */
export type Network = Static<typeof Network>

const Host = Type.Object({
  host: Type.String(),
  alive: Type.Boolean(),
  engineVersion: Type.String(),
  kuryrVersion: Type.String(),
  since: Type.String(),
  networks: Type.Number(),
  /** When it was told to be gone for good. */
  removed: Type.Optional(Type.String()),
})
/** A host that shares networks, as the daemon tells it. */
export type Host = Static<typeof Host>

const PublishedPort = Type.Object({
  host: Type.String(),
  /** The container's name, where its host told it. */
  container: Type.String(),
  endpointId: Type.String(),
  /** Where it is reached from outside. */
  address: Type.String(),
  outerPort: Type.Number(),
  protocol: Type.String(),
  containerAddress: Type.String(),
  containerPort: Type.Number(),
})
/** A published port of a container, as the daemon tells it. */
export type PublishedPort = Static<typeof PublishedPort>

const RemovedHost = Type.Object({ host: Type.String(), networks: Type.Number(), ports: Type.Number() })

/** Something that can be asked of the daemon, or told to it, and how to know its answer. */
export interface Question<Answer> {
  method: 'GET' | 'POST'
  path: string
  body?: object
  /** Milliseconds until the daemon counts as not reachable; some acts take long. */
  timeout: number
  /** What is asked for, in words: "its status". */
  what: string
  isAnswer: (value: unknown) => value is Answer
}

/** How the daemon is. */
export const statusQuestion: Question<DaemonStatus> = asking('/kuryr/status', 'its status', DaemonStatus)

/** Every shared network. */
export const networksQuestion = asking(
  '/kuryr/networks',
  'the shared networks',
  Type.Object({ networks: Type.Array(Network) }),
)

/** Every host that shares networks. */
export const hostsQuestion = asking('/kuryr/hosts', 'the hosts', Type.Object({ hosts: Type.Array(Host) }))

/** Every published port, of the containers of all hosts. */
export const publishedPortsQuestion = asking(
  '/kuryr/ports',
  'the published ports',
  Type.Object({ ports: Type.Array(PublishedPort) }),
)

/** Ends a host's part for good. */
export function hostRemoval(host: string, force: boolean): Question<Static<typeof RemovedHost>> {
  const path = `/kuryr/hosts/${encodeURIComponent(host)}/remove`
  return { ...asking(path, 'the host’s removal', RemovedHost), method: 'POST', body: { force }, timeout: 120_000 }
}

function asking<Schema extends TSchema>(path: string, what: string, schema: Schema): Question<Static<Schema>> {
  const validator = Compile(schema)
  const timeout = 10_000
  return { method: 'GET', path, what, timeout, isAnswer: (value): value is Static<Schema> => validator.Check(value) }
}
