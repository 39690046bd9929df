import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, type Change, type Store, StoreCompactedError, StoreUnavailableError } from '../../store/store.ts'
import type { ViewChange } from '../cluster-view.ts'
import { NeutronError } from '../../neutron/errors.ts'
import { keys } from '../keys.ts'
import { decode } from '../records.ts'
import type { ServiceLog } from '../service-log.ts'
import { Barrier } from '../../concurrency/barrier.ts'
import type { Reservations } from './reservations.ts'
import { RevisionWaiters } from '../../concurrency/revision-waiters.ts'
import { Tables } from './tables.ts'
import { type Generation, type GenerationMemory, readStore, StoreReplacedError } from './store-generation.ts'

/** Longest pause between two attempts to reach the store, in milliseconds. */
const longestPause = 1000

/** Longest time that one look at the head may take, in milliseconds. */
const longestLook = 5000

/** A copy of the store in memory, kept current by its watch, for as long as the process lives. */
export class Replica {
  readonly #store: Store
  readonly #memory: GenerationMemory
  readonly #log: ServiceLog
  readonly #reservations: Reservations
  readonly #listeners = new Set<(change: ViewChange) => void>()
  readonly #waiters = new RevisionWaiters()
  readonly #barrier: Barrier
  /** Who waits for a revision that another store in this one's place will never bring. */
  readonly #whenReplaced = new Set<AbortController>()
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  #reload = new AbortController()
  #tables: Tables
  /** The newest `head` that was seen, by the watch or a range. */
  #head = 0
  #generation: Generation | undefined
  #replaced: StoreReplacedError | undefined
  #failures = 0

  constructor(options: { store: Store; log: ServiceLog; reservations: Reservations; memory: GenerationMemory }) {
    this.#store = options.store
    this.#memory = options.memory
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

  /** The store that the present content is of. @throws NeutronError ServiceUnavailable before the first {@link reached} */
  get generation(): Generation {
    if (this.#generation) return this.#generation
    throw new NeutronError('ServiceUnavailable', 'The store of the network service has not been read yet.')
  }

  /** Why no call can be served though the store answers, in words; `undefined` when all is well. */
  get problem(): string | undefined {
    return this.#replaced?.message
  }

  /** @throws NeutronError ServiceUnavailable when another store answers in place of this host's */
  checkSameStore(): void {
    if (this.#replaced) throw unavailable(this.#replaced)
  }

  /** Resolves when the replica has everything that was written before this call, on any host. */
  async fresh(signal: AbortSignal): Promise<void> {
    const revision = await this.#barrier.pass(signal)
    const replaced = new AbortController()
    this.#whenReplaced.add(replaced)
    try {
      this.checkSameStore()
      await this.reached(revision, AbortSignal.any([signal, replaced.signal]))
    } finally {
      this.#whenReplaced.delete(replaced)
    }
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
    const [known, generation] = [this.#head, this.#generation]
    // Bounded, as everybody else waits behind this look.
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(longestLook)])
    const head = await this.#store.get(keys.head, { signal }).catch(asUnavailable)
    const revision = head?.modRevision ?? 0
    // It went back in time (restored from a backup), or is another store: what we know is from a future that will not come.
    const other = generation !== undefined && head !== undefined && !isOf(generation, head.value)
    if (generation === this.#generation && (revision < known || other)) {
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

  /** Reads everything and takes it in at once; a store that is not this host's is not taken in at all. */
  async #load(): Promise<number> {
    const { entries, revision, generation } = await readStore(this.#store, this.#memory, this.#stop.signal)
    const tables = new Tables(this.#reservations, this.#log)
    for (const entry of entries) tables.apply({ type: 'put', entry }, () => undefined)
    this.#tables = tables
    this.#generation = generation
    this.#replaced = undefined
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
    if (batch.changes.some(change => this.#isOfAnotherStore(change))) {
      this.#waiters.forget()
      this.#reload.abort()
      return
    }
    const changed: ViewChange[] = []
    for (const change of batch.changes) {
      if (change.type === 'put' && change.entry.key === keys.head) this.#head = change.entry.modRevision
      else this.#tables.apply(change, about => changed.push(about))
    }
    this.#tell(changed)
    this.#waiters.advance(batch.revision)
  }

  #isOfAnotherStore(change: Change): boolean {
    if (change.type !== 'put' || change.entry.key !== keys.head || !this.#generation) return false
    return !isOf(this.#generation, change.entry.value)
  }

  #tell(changes: readonly ViewChange[]): void {
    for (const change of changes) {
      for (const listener of this.#listeners) {
        try {
          listener(change)
        } catch (error) {
          this.#log.error({ err: error, change }, 'a follower of the cluster view failed on a change')
        }
      }
    }
  }

  #onReplaced(error: StoreReplacedError): void {
    if (this.#replaced?.message !== error.message) this.#log.error({ err: error }, error.message)
    this.#replaced = error
    for (const waiting of this.#whenReplaced) waiting.abort(unavailable(error))
  }

  async #pauseAfter(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted || error instanceof StoreCompactedError) return
    if (error instanceof StoreReplacedError) this.#onReplaced(error)
    else if (this.#failures === 0)
      this.#log.warn({ err: error }, 'the store does not answer: network calls wait until it does')
    this.#failures += 1
    const pause = Math.min(longestPause, 20 * 2 ** Math.min(this.#failures, 10))
    await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }
}

function unavailable(error: StoreReplacedError): NeutronError {
  return new NeutronError('ServiceUnavailable', error.message, { cause: error })
}

/** Whether a `head` was written by somebody who believed in the same store. */
function isOf(generation: Generation, head: string): boolean {
  try {
    return decode.owner(head) === generation.name
  } catch {
    return false
  }
}

function asUnavailable(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw error
  throw new StoreUnavailableError('the store did not say how far it is', { cause: error })
}
