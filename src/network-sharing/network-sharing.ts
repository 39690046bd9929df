import type { IpamDriver, NetworkDriver } from '../docker-plugin/drivers.ts'
import type { SharingProblem } from './reconciler.ts'

/** One network on many hosts: made once, seen everywhere. */
export interface NetworkSharing {
  /** The drivers for Docker's calls on a host that shares. */
  networkDriver(driver: NetworkDriver): NetworkDriver
  ipamDriver(driver: IpamDriver): IpamDriver
  status(): SharingStatus
  /** Every shared network with its hosts and containers. */
  networks(): Promise<SharedNetworkView[]>
  hosts(): HostView[]
  /**
   * Ends the part of a host that is gone for good: its ports, its address on the fabric, its place in the records.
   *
   * @throws {RangeError} when there is no such host, or it is alive and `force` is not given.
   */
  removeHost(host: string, options: { force: boolean }): Promise<RemovedHost>
  close(): Promise<void>
}

/** How sharing is on this host. */
export interface SharingStatus {
  /** `replica`: by replicas that kuryr makes; `cluster`: by dockerd's own cluster store, and made known to other hosts. */
  via: 'replica' | 'cluster'
  namespace: string
  /** The engine whose networks are followed; null while it does not answer. */
  engine: { version: string; swarm: boolean } | null
  /** How many networks are shared, and how many of them are on this host. */
  networks: number
  here: number
  /** Keys of records that cannot be read, with the reason. */
  unreadable: Record<string, string>
  problems: SharingProblem[]
  /** Why nothing is shared at this moment; null when all is well. */
  held: string | null
}

/** A shared network as `kuryr network inspect` shows it. */
export interface SharedNetworkView {
  id: string
  name: string
  /** `removing`: removed, and not yet gone everywhere. */
  state: 'shared' | 'removing'
  origin: string
  created: string
  subnets: { subnet: string; gateway?: string; ipRange?: string }[]
  internal: boolean
  options: Record<string, string>
  labels: Record<string, string>
  hosts: { host: string; state: string; alive: boolean; networkId: string; note?: string }[]
  endpoints: EndpointView[]
}

/** A container's end of a network, on whatever host. */
export interface EndpointView {
  host: string
  endpointId: string
  /** The container's name, where its host told it. */
  container: string
  macAddress: string
  addresses: string[]
  status: string
}

export interface HostView {
  host: string
  alive: boolean
  engineVersion: string
  kuryrVersion: string
  since: string
  networks: number
  removed?: string
}

export interface RemovedHost {
  host: string
  /** How many shared networks it was taken out of, and ports let go. */
  networks: number
  ports: number
}
