import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, type Store, StoreCompactedError, StoreUnavailableError } from '../../store/store.ts'
import type { ViewChange } from '../cluster-view.ts'
import { keys } from '../keys.ts'
import type { ServiceLog } from '../service-log.ts'
import { Barrier } from './barrier.ts'
import type { Reservations } from './reservations.ts'
import { RevisionWaiters } from './revision-waiters.ts'
import { Tables } from './tables.ts'

/** Longest pause between two attempts to reach the store, in milliseconds. */
const longestPause = 1000

/** Longest time that one look at the head may take, in milliseconds. */
const longestLook = 5000

/** A copy of the store in memory, kept current by its watch, for as long as the process lives. */
export class Replica {
  readonly #store: Store
  readonly #log: ServiceLog
  readonly #reservations: Reservations
  readonly #listeners = new Set<(change: ViewChange) => void>()
  readonly #waiters = new RevisionWaiters()
  readonly #barrier: Barrier
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  #reload = new AbortController()
  #tables: Tables
  /** The newest `head` that was seen, by the watch or a range. */
  #head = 0
  #failures = 0

  constructor(options: { store: Store; log: ServiceLog; reservations: Reservations }) {
    this.#store = options.store
    this.#log = options.log
    this.#reservations = options.reservations
    this.#tables = new Tables(this.#reservations, this.#log)
    this.#barrier = new Barrier(() => this.#readHead())
    this.#following = this.#follow()
  }

  /** The present content. Replaced as a whole when changes were missed: do not keep it across an await. */
  get tables(): Tables {
    return this.#tables
  }

  /** Resolves when the replica has everything that was written before this call, on any host. */
  async fresh(signal: AbortSignal): Promise<void> {
    await this.reached(await this.#barrier.pass(signal), signal)
  }

  /** Resolves when the replica has the store's `revision`; 0: when it is complete for the first time. */
  reached(revision: number, signal: AbortSignal): Promise<void> {
    return this.#waiters.reached(revision, signal)
  }

  subscribe(listener: (change: ViewChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  async #readHead(): Promise<number> {
    const known = this.#head
    // Bounded, as everybody else waits behind this look.
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(longestLook)])
    const revision = (await this.#store.get(keys.head, { signal }).catch(asUnavailable))?.modRevision ?? 0
    // The store went back in time (restored from a backup): what we know is from a future that will not come.
    if (revision < known) {
      this.#waiters.forget()
      this.#reload.abort()
    }
    return revision
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        this.#reload = new AbortController()
        await this.#watchFrom(await this.#load(), AbortSignal.any([this.#stop.signal, this.#reload.signal]))
      } catch (error) {
        await this.#pauseAfter(error)
      }
    }
  }

  /** Reads everything and takes it in at once. */
  async #load(): Promise<number> {
    const { entries, revision } = await this.#store.range('', { signal: this.#stop.signal })
    const tables = new Tables(this.#reservations, this.#log)
    for (const entry of entries) tables.apply({ type: 'put', entry }, () => undefined)
    this.#tables = tables
    this.#head = entries.find(({ key }) => key === keys.head)?.modRevision ?? 0
    if (this.#failures > 0) this.#log.info({ revision }, 'the store answers again')
    this.#failures = 0
    this.#tell([{ type: 'resync' }])
    this.#waiters.advance(revision)
    return revision
  }

  async #watchFrom(revision: number, signal: AbortSignal): Promise<void> {
    for await (const batch of this.#store.watch('', revision, signal)) this.#take(batch)
  }

  #take(batch: Batch): void {
    const changed: ViewChange[] = []
    for (const change of batch.changes) {
      if (change.type === 'put' && change.entry.key === keys.head) this.#head = change.entry.modRevision
      else this.#tables.apply(change, about => changed.push(about))
    }
    this.#tell(changed)
    this.#waiters.advance(batch.revision)
  }

  #tell(changes: readonly ViewChange[]): void {
    for (const change of changes) {
      for (const listener of this.#listeners) {
        try {
          listener(change)
        } catch (error) {
          this.#log.error({ error, change }, 'a follower of the cluster view failed on a change')
        }
      }
    }
  }

  async #pauseAfter(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted || error instanceof StoreCompactedError) return
    if (this.#failures === 0) this.#log.warn({ error }, 'the store does not answer: network calls wait until it does')
    this.#failures += 1
    const pause = Math.min(longestPause, 20 * 2 ** Math.min(this.#failures, 10))
    await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }
}

function asUnavailable(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw error
  throw new StoreUnavailableError('the store did not say how far it is', { cause: error })
}
