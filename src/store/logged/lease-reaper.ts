import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../../concurrency/backoff.ts'
import { isAborted } from '../../concurrency/aborted.ts'
import type { LeaseList, LogBackend } from './log-backend.ts'
import type { LogFollower, LogFollowerLog } from './log-follower.ts'

/** Milliseconds up to which each process waits before it ends a lease that lapsed: all see it at once, one is enough. */
const spreadMs = 100

/**
 * Watches the leases, and has the entries of those that lapsed deleted. Every process that has the store open does so;
 * if none is alive, the next one does it.
 */
export class LeaseReaper {
  readonly #backend: LogBackend
  readonly #follower: LogFollower
  readonly #log: LogFollowerLog
  readonly #closing: AbortSignal
  readonly #endLease: (id: string) => Promise<void>
  #poked = new AbortController()

  /** @param endLease deletes a lease's entries, as one revision. */
  constructor(parts: {
    backend: LogBackend
    follower: LogFollower
    log: LogFollowerLog
    closing: AbortSignal
    endLease: (id: string) => Promise<void>
  }) {
    this.#backend = parts.backend
    this.#follower = parts.follower
    this.#log = parts.log
    this.#closing = parts.closing
    this.#endLease = parts.endLease
  }

  /** There are new entries with leases: see whether they live. */
  poke(): void {
    this.#poked.abort()
  }

  /** Watches until the store is closed. */
  async watch(): Promise<void> {
    const backoff = new Backoff()
    let living: LeaseList | undefined
    while (!this.#closing.aborted) {
      try {
        await this.#follower.whenKnown(this.#closing)
        this.#poked = new AbortController()
        if (this.#suspects(living).length > 0) {
          // Read after the entries were: a lease that is missing now is older than they are, and gone.
          const suspects = this.#suspects(living)
          living = await this.#backend.awaitLeases(undefined, this.#closing)
          await this.#end(suspects, living)
        }
        living = await this.#next(living)
        backoff.reset()
      } catch (error) {
        if (isAborted(this.#closing)) return
        if (backoff.attempts === 0) this.#log.warn({ err: error }, 'the store’s leases cannot be watched: retrying')
        await backoff.wait(this.#closing)
      }
    }
  }

  #suspects(living: LeaseList | undefined): string[] {
    const leases = this.#follower.known?.replica.leases() ?? []
    return leases.filter(lease => living?.ids.has(lease) !== true)
  }

  async #end(suspects: readonly string[], living: LeaseList): Promise<void> {
    const lapsed = suspects.filter(lease => !living.ids.has(lease))
    if (lapsed.length === 0) return
    await sleep(Math.random() * spreadMs, undefined, { signal: this.#closing })
    for (const lease of lapsed) await this.#endLease(lease)
  }

  /** The leases once they are others; sooner when poked. */
  async #next(living: LeaseList | undefined): Promise<LeaseList | undefined> {
    const poked = this.#poked.signal
    try {
      return await this.#backend.awaitLeases(living, AbortSignal.any([this.#closing, poked]))
    } catch (error) {
      if (poked.aborted) return living
      throw error
    }
  }
}
