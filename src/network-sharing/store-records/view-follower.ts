import { Backoff } from '../../concurrency/backoff.ts'
import { raceAgainst } from '../../concurrency/race-against.ts'
import { RevisionWaiters } from '../../concurrency/revision-waiters.ts'
import type { Store } from '../../store/store.ts'
import { StoreView } from './store-view.ts'

/** Where it is told what happened: pino's shape. */
export interface FollowLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface FollowerOptions {
  store: Store
  log: FollowLog
  onUnreadable: (key: string) => void
  /** Ends the following. */
  signal: AbortSignal
}

/** Keeps a {@link StoreView} current: reads everything, then follows the changes, and begins anew whenever some were lost. */
export class ViewFollower {
  readonly #options: FollowerOptions
  readonly #waiters = new RevisionWaiters()
  readonly #listeners = new Set<(id: string | undefined) => void>()
  #view: StoreView
  #again = new AbortController()
  #loaded = Promise.withResolvers<undefined>()
  /** Resolves when the following has ended. */
  readonly closed: Promise<void>

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#view = this.#emptyView()
    this.closed = this.#follow()
  }

  get view(): StoreView {
    return this.#view
  }

  /** Resolves when the view has the store's `revision`. Rejects with the signal's reason. */
  reached(revision: number, signal: AbortSignal): Promise<void> {
    return this.#waiters.reached(revision, signal)
  }

  subscribe(listener: (id: string | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Reads everything anew; resolves when that is done. Rejects when the follower ends. */
  async reload(): Promise<void> {
    this.#loaded = Promise.withResolvers()
    this.#again.abort()
    await raceAgainst(this.#options.signal, this.#loaded.promise)
  }

  async #follow(): Promise<void> {
    const { signal, log } = this.#options
    const backoff = new Backoff({ firstMs: 100, limitMs: 5000 })
    while (!signal.aborted) {
      this.#again = new AbortController()
      const round = AbortSignal.any([signal, this.#again.signal])
      try {
        const revision = await this.#load(round)
        backoff.reset()
        for await (const { revision: now, changes } of this.#options.store.watch('', revision, round)) {
          const ids = new Set(changes.flatMap(change => this.#view.apply(change) ?? []))
          this.#waiters.advance(now)
          for (const id of ids) this.#tell(id)
        }
      } catch (error) {
        if (round.aborted) continue
        log.warn({ err: error }, 'the shared records cannot be followed: beginning anew')
        await backoff.wait(signal)
      }
    }
  }

  async #load(signal: AbortSignal): Promise<number> {
    const { entries, revision } = await this.#options.store.range('', { signal })
    const view = this.#emptyView()
    for (const entry of entries) view.apply({ type: 'put', entry })
    this.#view = view
    // Store and records may have been put back to an earlier state: what was reached before says nothing then.
    this.#waiters.forget()
    this.#waiters.advance(Math.max(revision, 1))
    this.#loaded.resolve(undefined)
    this.#tell(undefined)
    return revision
  }

  #tell(id: string | undefined): void {
    for (const listener of this.#listeners) listener(id)
  }

  #emptyView(): StoreView {
    return new StoreView((key, reason) => {
      this.#options.log.warn({ key, reason }, 'a shared record cannot be read: it is skipped')
      this.#options.onUnreadable(key)
    })
  }
}
