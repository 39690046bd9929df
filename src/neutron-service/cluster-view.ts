import type { Network, Port } from '../neutron/resources.ts'
import type { Replica } from './replica/replica.ts'

/** What changed in the view, for its subscribers. */
export type ViewChange =
  | { type: 'network'; networkId: string }
  | { type: 'port'; networkId: string; portId: string }
  | { type: 'host'; host: string }
  /** Changes may have been missed: compare everything. */
  | { type: 'resync' }

/** The cluster as this host knows it at this moment, from memory: what the fabric follows. */
export class ReplicaView {
  readonly #replica: Replica

  constructor(replica: Replica) {
    this.#replica = replica
  }

  /** Resolves when the view is complete for the first time. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#replica.reached(0, signal)
  }

  network(networkId: string): Network | undefined {
    const { networks, networkSubnets } = this.#replica.tables
    const network = networks.get(networkId)?.value
    return network && { ...network, subnets: (networkSubnets.get(networkId)?.value ?? []).map(({ id }) => id) }
  }

  /** All ports of the network, of every host, bound or not. */
  ports(networkId: string): Iterable<Port> {
    return this.#replica.tables.ports.with('network_id', networkId)
  }

  /** All ports with `binding:host_id` = `host`, of every network. */
  portsOnHost(host: string): Iterable<Port> {
    return this.#replica.tables.ports.with('binding:host_id', host)
  }

  /** Where packets for `host` go: its agent's `configurations.tunneling_ip`. */
  tunnelAddress(host: string): string | undefined {
    const address = this.#replica.tables.agents.get(host)?.value.configurations.tunneling_ip
    return typeof address === 'string' ? address : undefined
  }

  /** Told after each change is visible in the view. Returns the way to stop. */
  subscribe(listener: (change: ViewChange) => void): () => void {
    return this.#replica.subscribe(listener)
  }
}
