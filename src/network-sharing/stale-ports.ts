import type { Port } from '../neutron/resources.ts'
import { hostTag, poolsOfPort } from '../ownership/marks.ts'
import { releasePort } from '../ownership/release-port.ts'
import type { SharingContext } from './sharing-context.ts'

/**
 * Ports of this host whose container is gone, because it ended while this daemon was down and Docker told nobody: they
 * would hold their addresses, and their network, for ever. A port goes once this host's engine was found not to know its
 * endpoint for `patience`, by this host's own clock: between RequestAddress and the engine's note of the endpoint it does
 * not know it either.
 */
export class StalePorts {
  readonly #context: SharingContext
  readonly #patience: number
  /** When a port was first found stale, by the monotonic clock. */
  readonly #since = new Map<string, number>()

  /** @param patience milliseconds */
  constructor(context: SharingContext, patience: number) {
    this.#context = context
    this.#patience = patience
  }

  /** Looks once, and lets go of what is stale for long enough. */
  async look(): Promise<void> {
    const { via, locals, neutron, log, signal } = this.#context
    // A cluster store that is away hides its networks with their endpoints.
    if (via === 'cluster' || !locals.engine) return
    const stale = await this.#stale()
    const now = performance.now()
    for (const id of this.#since.keys()) if (!stale.some(port => port.id === id)) this.#since.delete(id)
    for (const port of stale) {
      const since = this.#since.get(port.id) ?? now
      this.#since.set(port.id, since)
      if (now - since < this.#patience) continue
      log.warn({ portId: port.id, endpointId: port.device_id }, 'letting go of the port of a container that is gone')
      await releasePort(neutron, port, { signal })
    }
  }

  async #stale(): Promise<Port[]> {
    const endpoints = new Map<string, Promise<Set<string>>>()
    const stale: Port[] = []
    for (const port of await this.#ownPorts()) {
      const id = this.#sharedIdOf(port)
      if (id === undefined) continue
      const known = endpoints.get(id) ?? this.#endpointsOf(id)
      endpoints.set(id, known)
      if (!(await known).has(port.device_id)) stale.push(port)
    }
    return stale
  }

  async #ownPorts(): Promise<Port[]> {
    const { neutron, host, signal } = this.#context
    const [bound, young] = await Promise.all([
      neutron.ports.list({ 'binding:host_id': host }, { signal }),
      neutron.ports.list({ tags: [hostTag(host)], device_id: '' }, { signal }),
    ])
    return [...new Map([...bound, ...young].map(port => [port.id, port])).values()]
  }

  /** Only of shared networks: of others this host's engine may not tell. */
  #sharedIdOf({ tags }: Port): string | undefined {
    const { memberships } = this.#context
    return poolsOfPort(tags)
      .map(poolId => memberships.ofPool(poolId))
      .find(id => id !== undefined)
  }

  async #endpointsOf(id: string): Promise<Set<string>> {
    const { engine, locals, signal } = this.#context
    const networks = await Promise.all(locals.of(id).map(({ Id }) => engine.inspectNetwork(Id, { signal })))
    return new Set(
      networks.flatMap(network => Object.values(network?.Containers ?? {}).map(({ EndpointID }) => EndpointID)),
    )
  }
}
