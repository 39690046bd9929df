/**
 * What we need of a Docker host's engine: networks, their events, their containers, who it is. All reject with `EngineError` when the engine
 * says no, and with `EngineUnavailableError` when it cannot be asked.
 *
 * Never call it inside a plugin call: dockerd holds locks while it waits for our answer (on the network's name in
 * CreateNetwork, on the container in every endpoint call), and whatever it is asked about them waits for those: a deadlock.
 */
export interface DockerEngine {
  /** Who the engine is: its id changes when its data root is wiped. */
  info(call?: EngineCall): Promise<EngineInfo>
  /** All networks of a driver (`kuryr`), each as {@link inspectNetwork} tells it but for its containers. */
  listNetworks(driver: string, call?: EngineCall): Promise<EngineNetwork[]>
  /** By full id or by name, with containers; `undefined` when there is none. @throws EngineError `ambiguous` when several have that name. */
  inspectNetwork(id: string, call?: EngineCall): Promise<EngineNetwork | undefined>
  /**
   * Docker 20.10 looks for the name only when it begins: of creates at the same moment several succeed. It also waits 15 s for
   * a plugin that does not answer; with less as deadline, whether the network is made is not known.
   * @throws EngineError `conflict` when the name is taken, `pluginMissing`.
   */
  createNetwork(body: NetworkCreateBody, call?: EngineCall): Promise<{ id: string; warning: string }>
  /** By full id. Not there is success. @throws EngineError `inUse` when it has active endpoints. */
  removeNetwork(id: string, call?: EngineCall): Promise<void>
  /** The containers that run. */
  listContainers(call?: EngineCall): Promise<ListedContainer[]>
  /** By full id; `undefined` when there is none. Waits for a start of the container that is under way. */
  inspectContainer(id: string, call?: EngineCall): Promise<InspectedContainer | undefined>
  /**
   * The engine's events of networks, and of containers' names, from now on. The first item is `subscribed`: list after it
   * and nothing is missed. Throws EngineUnavailableError when the engine goes away; ends silently when `signal` aborts.
   * All who read at the same time share one stream.
   */
  networkEvents(signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Ends what runs: calls and event streams throw EngineUnavailableError. */
  close(): Promise<void>
}

export interface EngineCall {
  /** Aborts the call, which then rejects with the signal's reason. */
  signal?: AbortSignal
  /** The call's deadline in milliseconds. Default 10,000. */
  timeoutMs?: number
}

export interface EngineInfo {
  id: string
  /** The host's name. */
  name: string
  /** The engine's own, such as `20.10.24+dfsg1`. */
  version: string
  /** Whether the host is part of a swarm. */
  swarm: boolean
  /** `--cluster-store` as given to dockerd; Docker 23 and newer have none. */
  clusterStore: string | undefined
}

/** A network under the Engine API's own field names. What the engine left out or said as null is empty here. */
export interface EngineNetwork {
  Id: string
  Name: string
  /** ISO 8601. */
  Created: string
  /** `local`, `global` or `swarm`. */
  Scope: string
  Driver: string
  /** Told by Docker 28 and newer. */
  EnableIPv4?: boolean
  EnableIPv6: boolean
  Internal: boolean
  Attachable: boolean
  Ingress: boolean
  ConfigOnly: boolean
  /** The name of the config-only network that it was made from; empty for none. */
  ConfigFrom: { Network: string }
  IPAM: EngineIpam
  Options: Record<string, string>
  Labels: Record<string, string>
  /** By container id, only those on this host (with a cluster store also others, as `ep-…`); only when inspected. */
  Containers?: Record<string, EngineContainer>
}

export interface EngineIpam {
  Driver: string
  Options: Record<string, string>
  Config: EngineIpamConfig[]
}

/** One pool. Docker tells `Gateway` only if the user gave one, or gave no subnet at all. */
export interface EngineIpamConfig {
  Subnet: string
  IPRange?: string
  Gateway?: string
  AuxiliaryAddresses?: Record<string, string>
}

/** A container on a network; addresses with their prefix length, empty for none. */
export interface EngineContainer {
  Name: string
  EndpointID: string
  MacAddress: string
  IPv4Address: string
  IPv6Address: string
}

/** A container of the list. */
export interface ListedContainer {
  Id: string
  Labels: Record<string, string>
}

/** A container as it is inspected. */
export interface InspectedContainer extends ListedContainer {
  /** Without the slash that the engine tells it with. */
  Name: string
  /** Where it is on a network. */
  Endpoints: { NetworkID: string; EndpointID: string }[]
}

/** What `POST /networks/create` takes. That the name is checked is always asked for. */
export interface NetworkCreateBody {
  Name: string
  Driver: string
  Internal: boolean
  Attachable: boolean
  /** Left out means the engine's default, true. False needs Docker 28: older ones get `refused`. */
  EnableIPv4?: boolean
  EnableIPv6: boolean
  IPAM: EngineIpam
  Options: Record<string, string>
  Labels: Record<string, string>
}

export type EngineEvent = { type: 'subscribed' } | EngineNetworkEvent | EngineContainerEvent

/** A container has another name, which its endpoints have too. */
export interface EngineContainerEvent {
  type: 'container'
  action: 'rename'
  /** The container's. */
  id: string
  name: string
}

/** Something happened to a network; it is over when the event comes. */
export interface EngineNetworkEvent {
  type: 'network'
  /** `create`, `destroy`, `connect` or `disconnect`. */
  action: string
  /** The network's. */
  id: string
  name: string
  /** The network's driver (for a config-only network `null`, as a word). */
  driver: string
  /** The id of the container that was connected or disconnected. */
  container?: string
}
