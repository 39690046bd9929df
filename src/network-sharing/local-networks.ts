import { isAborted } from '../concurrency/aborted.ts'
import { Backoff } from '../concurrency/backoff.ts'
import type { DockerEngine, EngineInfo, EngineNetwork, EngineNetworkEvent } from '../docker-engine/docker-engine.ts'
import type { FollowLog } from './store-records/view-follower.ts'
import { sharedIdOf } from './network-spec.ts'

/** What happened to this host's networks. `everything`: it was all read anew. */
export type LocalChange =
  | { type: 'everything' }
  | { type: 'network'; sharedId: string }
  /** A network of any driver is gone, or lost an endpoint: what was refused may work now. */
  | { type: 'freed' }

/** What sharing asks of the engine, which others ask too: nothing of containers. */
export type SharingEngine = Omit<DockerEngine, 'listContainers' | 'inspectContainer' | 'close'>

export interface LocalNetworksOptions {
  engine: SharingEngine
  /** The name of our driver in Docker. */
  driver: string
  log: FollowLog
  signal: AbortSignal
}

/**
 * This host's Docker networks of our driver, as its engine has them: read whole, then followed by the engine's events.
 * Events are not durable, so after any loss of their stream all is read anew (subscribe first, then list).
 */
export class LocalNetworks {
  readonly #options: LocalNetworksOptions
  readonly #networks = new Map<string, EngineNetwork>()
  readonly #listeners = new Set<(change: LocalChange) => void>()
  /** Looks under way, of networks that may go meanwhile. */
  readonly #looks = new Set<{ networkId: string; gone: boolean }>()
  #engine: EngineInfo | undefined
  /** How often anything was learnt of a single network. */
  #changes = 0
  #firstRead = Promise.withResolvers<undefined>()
  #problem: string | undefined = 'its networks were not read yet'
  /** Resolves when the following has ended. */
  readonly closed: Promise<void>

  constructor(options: LocalNetworksOptions) {
    this.#options = options
    this.closed = this.#follow()
  }

  /** The engine whose networks these are; `undefined` while it cannot be asked, and then nothing here is certain. */
  get engine(): EngineInfo | undefined {
    return this.#engine
  }

  /** Why the engine cannot be asked; `undefined` when it can. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Resolves when the networks were read for the first time. */
  get ready(): Promise<void> {
    return this.#firstRead.promise
  }

  all(): EngineNetwork[] {
    return [...this.#networks.values()]
  }

  /** Those of this host that stand for the shared network, the oldest first. */
  of(sharedId: string): EngineNetwork[] {
    return this.all()
      .filter(network => sharedIdOf(network) === sharedId)
      .sort((one, other) => (one.Created < other.Created ? -1 : 1))
  }

  subscribe(listener: (change: LocalChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Looks at one network now, rather than when its event comes. `undefined`: it is gone (ids are never used again). */
  async look(networkId: string): Promise<EngineNetwork | undefined> {
    const { engine, driver, signal } = this.#options
    const look = { networkId, gone: false }
    this.#looks.add(look)
    const found = await engine.inspectNetwork(networkId, { signal }).finally(() => this.#looks.delete(look))
    // The answer may be older than the event of its end, which came first.
    const network = look.gone ? undefined : found
    this.#changes += 1
    if (network?.Driver === driver && !network.ConfigOnly) this.#networks.set(network.Id, network)
    else this.#networks.delete(networkId)
    return network
  }

  /** Reads everything anew: an event may have been lost, and with a cluster store other hosts' networks have none. */
  async reread(): Promise<void> {
    if (this.#engine) await this.#readAll()
  }

  async #follow(): Promise<void> {
    const { engine, log, signal } = this.#options
    const backoff = new Backoff({ firstMs: 100, limitMs: 3000 })
    while (!signal.aborted) {
      try {
        for await (const event of engine.networkEvents(signal)) {
          if (event.type === 'network') await this.#take(event)
          else if (event.type === 'subscribed') await this.#readAll()
          backoff.reset()
        }
      } catch (error) {
        if (isAborted(signal)) return
        if (this.#engine) log.warn({ err: error }, 'the Docker engine does not answer: its networks are not followed')
        this.#engine = undefined
        this.#problem = error instanceof Error ? error.message : String(error)
        await backoff.wait(signal)
      }
    }
  }

  async #readAll(): Promise<void> {
    const { engine, log, signal } = this.#options
    const info = await engine.info({ signal })
    const networks = await this.#listSettled()
    this.#networks.clear()
    for (const network of networks) if (!network.ConfigOnly) this.#networks.set(network.Id, network)
    if (!this.#engine) log.info({ engine: info.version, networks: networks.length }, 'following the networks of Docker')
    this.#engine = info
    this.#problem = undefined
    this.#firstRead.resolve(undefined)
    this.#tell({ type: 'everything' })
  }

  /** A list that nothing was learnt beside of: what came in the meantime may be in it or not. */
  async #listSettled(): Promise<EngineNetwork[]> {
    const { engine, driver, signal } = this.#options
    for (;;) {
      const before = this.#changes
      const networks = await engine.listNetworks(driver, { signal })
      if (before === this.#changes) return networks
    }
  }

  async #take({ action, id, driver }: EngineNetworkEvent): Promise<void> {
    if (action === 'destroy' || action === 'disconnect') this.#tell({ type: 'freed' })
    if (driver !== this.#options.driver) return
    if (action === 'create') {
      const network = await this.look(id)
      if (network) this.#tell({ type: 'network', sharedId: sharedIdOf(network) })
    } else if (action === 'destroy') this.#forget(id)
  }

  #forget(id: string): void {
    for (const look of this.#looks) if (look.networkId === id) look.gone = true
    const network = this.#networks.get(id)
    this.#changes += 1
    this.#networks.delete(id)
    if (network) this.#tell({ type: 'network', sharedId: sharedIdOf(network) })
  }

  #tell(change: LocalChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
