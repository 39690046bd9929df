import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { Network, Subnet, SubnetPool } from '../neutron/resources.ts'
import type { FoundNamed } from './find-named.ts'

/** A pool that Docker asked for, whose network it has not created yet. */
export interface UnclaimedPool {
  pool: SubnetPool
  cidr: string
  /** The network that `--ipam-opt` named. */
  networkId?: string
  /** That network, if RequestPool has just found it. */
  network?: FoundNamed<Network>
  /** The subnet pool that the user named, from which the subnet shall be allocated. */
  allocateFrom?: string
  /** The subnet that the user named, or that has the pool's CIDR in the network that he named. */
  subnetId?: string
  /** That subnet, if RequestPool has just found it. */
  subnet?: Subnet
  /** The gateway as a plain address: the user's (`explicit`), or what we answered. */
  gateway?: { address: string; explicit: boolean }
  /** Milliseconds, of the clock given to the ledger. */
  since: number
}

/**
 * Ties RequestPool to the CreateNetwork that follows it. The protocol does not: CreateNetwork names a CIDR, not a pool.
 * So a second RequestPool of the same CIDR waits until the first pool is claimed or released (both follow within
 * milliseconds), but not longer than `patience`: a network of another driver that only uses our IPAM is never claimed.
 */
export class PoolLedger {
  readonly #unclaimed = new Map<string, UnclaimedPool>()
  readonly #waiting = new Set<() => void>()
  readonly #turns = new KeyedMutex()
  readonly #clock: () => number
  readonly #patience: number

  /** @param options.patience milliseconds */
  constructor(options: { clock?: () => number; patience?: number } = {}) {
    this.#clock = options.clock ?? Date.now
    this.#patience = options.patience ?? 5000
  }

  /**
   * Runs `make`, which adds a pool of this CIDR, when no young pool of it waits for its network and none is being made.
   * Rejects with the signal's reason.
   */
  inTurn<T>(cidr: string, signal: AbortSignal, make: () => Promise<T>): Promise<T> {
    return this.#turns.run(cidr, async () => {
      await this.#turn(cidr, signal)
      return make()
    })
  }

  async #turn(cidr: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const young = [...this.#unclaimed.values()].filter(
        entry => entry.cidr === cidr && this.#age(entry) < this.#patience,
      )
      if (young.length === 0) return
      await this.#change(Math.min(...young.map(entry => this.#patience - this.#age(entry))), signal)
    }
  }

  add(entry: Omit<UnclaimedPool, 'since'>): void {
    this.#unclaimed.set(entry.pool.id, { ...entry, since: this.#clock() })
  }

  /** The pool, as long as its network is not created. */
  get(poolId: string): UnclaimedPool | undefined {
    return this.#unclaimed.get(poolId)
  }

  /** Whether a pool of this CIDR waits for its network. */
  waits(cidr: string): boolean {
    return [...this.#unclaimed.values()].some(entry => entry.cidr === cidr)
  }

  /** Takes the youngest unclaimed pool of this CIDR, preferably one with this gateway (a plain address). */
  claim(cidr: string, gateway: string | undefined): UnclaimedPool | undefined {
    const candidates = [...this.#unclaimed.values()].filter(entry => entry.cidr === cidr).reverse()
    const entry = candidates.find(candidate => candidate.gateway?.address === gateway) ?? candidates[0]
    if (entry !== undefined) this.forget(entry.pool.id)
    return entry
  }

  forget(poolId: string): void {
    this.#unclaimed.delete(poolId)
    for (const wake of this.#waiting) wake()
  }

  #age(entry: UnclaimedPool): number {
    return this.#clock() - entry.since
  }

  async #change(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const wake = (): void => resolve(undefined)
    const timer = setTimeout(wake, milliseconds)
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    clearTimeout(timer)
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', wake)
  }
}
