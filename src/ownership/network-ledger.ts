import type { DockerNetwork } from './docker-network.ts'

interface Entry {
  found: DockerNetwork
  /** This daemon made it, so it has seen every endpoint that this host has in it. */
  madeHere: boolean
  /** Milliseconds, of the ledger's clock. */
  since: number
}

/** How many Docker networks that are gone are kept in mind, for the calls that Docker still sends for them. */
const MOST_ENDED = 1000

/**
 * What this daemon knows of Docker networks, to spare the network service the question. Ids are never given twice, so an
 * entry cannot become that of another network; but another host may change or remove what it tells of. Therefore it is
 * believed for `maxAge` only, and a call that fails on what it says forgets it and looks again, once. With `maxAge` 0
 * nothing is remembered: for a network service that is asked at no cost.
 */
export class NetworkLedger {
  readonly #networks = new Map<string, Entry>()
  readonly #ended = new Set<string>()
  readonly #maxAge: number
  readonly #clock: () => number

  /** @param options.maxAge milliseconds */
  constructor({ maxAge = 0, clock = Date.now }: { maxAge?: number; clock?: () => number } = {}) {
    this.#maxAge = maxAge
    this.#clock = clock
  }

  get remembers(): boolean {
    return this.#maxAge > 0
  }

  get(dockerId: string): DockerNetwork | undefined {
    return this.#young(this.#networks.get(dockerId))
  }

  ofPool(poolId: string): DockerNetwork | undefined {
    return this.#young(this.#entryOfPool(poolId))
  }

  /** The Docker network of the pool, if this daemon made it, however long ago. */
  madeHere(poolId: string): DockerNetwork | undefined {
    const entry = this.#entryOfPool(poolId)
    return entry?.madeHere ? entry.found : undefined
  }

  /** The Docker network of this id as it was last seen, however long ago: its Neutron network and pools never change. */
  lastSeen(dockerId: string): DockerNetwork | undefined {
    return this.#networks.get(dockerId)?.found
  }

  /** As {@link lastSeen}, of a pool of it. */
  lastSeenOfPool(poolId: string): DockerNetwork | undefined {
    return this.#entryOfPool(poolId)?.found
  }

  /** The pool's Neutron network, however long ago it was seen: it never becomes another. */
  neutronNetworkOf(poolId: string): string | undefined {
    return this.#entryOfPool(poolId)?.found.network.id
  }

  add(found: DockerNetwork, { madeHere = false } = {}): void {
    if (!this.remembers) return
    const before = this.#networks.get(found.dockerId)
    this.#networks.set(found.dockerId, {
      found,
      madeHere: madeHere || before?.madeHere === true,
      since: this.#clock(),
    })
  }

  /** What is known turned out to be wrong, or is about to change. */
  forget(dockerId: string): void {
    this.#networks.delete(dockerId)
  }

  forgetPool(poolId: string): void {
    const entry = this.#entryOfPool(poolId)
    if (entry) this.forget(entry.found.dockerId)
  }

  /** The Docker network, and its pools, are gone. */
  end({ dockerId, pools }: Pick<DockerNetwork, 'dockerId' | 'pools'>): void {
    if (!this.remembers) return
    this.forget(dockerId)
    for (const id of [dockerId, ...pools.map(pool => pool.id)]) this.#ended.add(id)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MOST_ENDED) break
      this.#ended.delete(oldest)
    }
  }

  /** Whether the Docker network, or the pool, of this id is known to be gone. */
  hasEnded(id: string): boolean {
    return this.#ended.has(id)
  }

  #entryOfPool(poolId: string): Entry | undefined {
    return [...this.#networks.values()].find(({ found }) => found.pools.some(({ id }) => id === poolId))
  }

  #young(entry: Entry | undefined): DockerNetwork | undefined {
    return entry && this.#clock() - entry.since < this.#maxAge ? entry.found : undefined
  }
}
