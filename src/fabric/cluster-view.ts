import type { Network, Port } from '../neutron/resources.ts'

/**
 * What the fabric must know of the cluster, kept current by the embedded Neutron's watch. Every answer is from memory.
 */
export interface ClusterView {
  /** Resolves when the view is complete for the first time. */
  ready(signal: AbortSignal): Promise<void>
  network(networkId: string): Network | undefined
  /** All ports of the network, of every host, bound or not. */
  ports(networkId: string): Iterable<Port>
  /** All ports with `binding:host_id` = `host`, of every network. */
  portsOnHost(host: string): Iterable<Port>
  /** Where packets for `host` go: its agent's `configurations.tunneling_ip`. */
  tunnelAddress(host: string): string | undefined
  /** Told after each change is visible in the view. Returns the way to stop. */
  subscribe(listener: (change: ClusterChange) => void): () => void
}

export type ClusterChange =
  | { type: 'network'; networkId: string }
  | { type: 'port'; networkId: string; portId: string }
  | { type: 'host'; host: string }
  /** Changes may have been missed: compare everything. */
  | { type: 'resync' }
