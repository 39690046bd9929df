import type { ClusterChange, ClusterView } from '../../../src/fabric/cluster-view.ts'
import type { Network, Port } from '../../../src/neutron/resources.ts'

/** A cluster view that holds what the test puts in. */
export class MemoryView implements ClusterView {
  readonly #networks = new Map<string, Network>()
  readonly #ports = new Map<string, Port>()
  readonly #addresses = new Map<string, string>()
  readonly #listeners = new Set<(change: ClusterChange) => void>()

  ready(): Promise<void> {
    return Promise.resolve()
  }

  network(networkId: string): Network | undefined {
    return this.#networks.get(networkId)
  }

  ports(networkId: string): Iterable<Port> {
    return [...this.#ports.values()].filter(port => port.network_id === networkId)
  }

  portsOnHost(host: string): Iterable<Port> {
    return [...this.#ports.values()].filter(port => port['binding:host_id'] === host)
  }

  tunnelAddress(host: string): string | undefined {
    return this.#addresses.get(host)
  }

  subscribe(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  putNetwork(network: Network): Network {
    this.#networks.set(network.id, network)
    this.#tell({ type: 'network', networkId: network.id })
    return network
  }

  putPort(port: Port): Port {
    this.#ports.set(port.id, port)
    this.#tell({ type: 'port', networkId: port.network_id, portId: port.id })
    return port
  }

  deletePort(port: Port): void {
    this.#ports.delete(port.id)
    this.#tell({ type: 'port', networkId: port.network_id, portId: port.id })
  }

  putHost(host: string, address: string): void {
    this.#addresses.set(host, address)
    this.#tell({ type: 'host', host })
  }

  resync(): void {
    this.#tell({ type: 'resync' })
  }

  #tell(change: ClusterChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
