import { randomUUID } from 'node:crypto'
import { Backoff } from '../../concurrency/backoff.ts'
import { Barrier } from '../../concurrency/barrier.ts'
import { isAborted } from '../../concurrency/aborted.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { raceAgainst } from '../../concurrency/race-against.ts'
import { ChangeHistory } from '../change-history.ts'
import { StoreCompactedError } from '../store.ts'
import type { LogBackend, VersionedHead } from './log-backend.ts'
import { movedOn, readRecords, readSnapshot } from './pieces.ts'
import { decode, encode, formatVersion, type Head, type LogRecord } from './records.ts'
import { Replica } from './replica.ts'

/** Where losses that mend themselves are reported. */
export interface LogFollowerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** What this process knows of the store. */
export interface Known {
  head: Head
  version: string
  replica: Replica
  history: ChangeHistory
}

/** A record of ours that may have been written: where it was seen, or that it cannot be found out any more. */
export interface Tracked {
  id: string
  seenAt: number | undefined
  untraceable: boolean
}

/** Revisions that a watch may lag behind. */
const historyLength = 10_000

/** Keeps a replica of the store by following the log, and tells whether it is up to date. */
export class LogFollower {
  readonly #backend: LogBackend
  readonly #log: LogFollowerLog
  readonly #closing: AbortSignal
  readonly #turn = new KeyedMutex()
  readonly #barrier: Barrier
  readonly #tracked = new Map<string, Tracked>()
  readonly #loaded = Promise.withResolvers<undefined>()
  readonly #onLeased: () => void
  #known: Known | undefined
  #othersWroteAt = Number.NEGATIVE_INFINITY

  /** @param onLeased told after each record that hangs something on a lease, and after each loading. */
  constructor(parts: { backend: LogBackend; log: LogFollowerLog; closing: AbortSignal; onLeased: () => void }) {
    this.#backend = parts.backend
    this.#log = parts.log
    this.#closing = parts.closing
    this.#onLeased = parts.onLeased
    this.#barrier = new Barrier(async () => {
      await this.#inTurn(() => this.#look())
      return this.#known?.replica.revision ?? 0
    })
  }

  /** `undefined` until the store was read for the first time. */
  get known(): Known | undefined {
    return this.#known
  }

  /** When a record of another process was last seen, on the clock of `performance.now()`. */
  get othersWroteAt(): number {
    return this.#othersWroteAt
  }

  /** {@link known}, once it is there. Rejects when `signal` aborts. */
  async whenKnown(signal: AbortSignal): Promise<Known> {
    await raceAgainst(signal, this.#loaded.promise)
    if (this.#known === undefined) throw new TypeError('expected the store to be loaded')
    return this.#known
  }

  /** Afterwards {@link known} has all that was committed before this call. @throws {BackendError} */
  async refresh(signal: AbortSignal): Promise<Known> {
    await this.#barrier.pass(signal)
    return this.whenKnown(signal)
  }

  /** Follows the log until the store is closed. */
  async follow(): Promise<void> {
    const backoff = new Backoff()
    while (!this.#closing.aborted) {
      try {
        // After a loss the server may have been set back: what was known is nothing to wait from.
        const known = backoff.attempts > 0 ? undefined : this.#known
        const { version } = known ?? (await this.refresh(this.#closing))
        const found = await this.#backend.awaitHead(version, this.#closing)
        if (found?.version !== this.#known?.version) await this.#inTurn(() => this.#takeUnordered(found))
        backoff.reset()
      } catch (error) {
        if (isAborted(this.#closing)) return
        // Once per loss: the server may be away for hours.
        if (backoff.attempts === 0) this.#log.warn({ err: error }, 'the store’s log cannot be followed: retrying')
        await backoff.wait(this.#closing)
      }
    }
  }

  /** Looks out for a record of ours until {@link untrack}. */
  track(): Tracked {
    const tracked = { id: randomUUID(), seenAt: undefined, untraceable: false }
    this.#tracked.set(tracked.id, tracked)
    return tracked
  }

  untrack({ id }: Tracked): void {
    this.#tracked.delete(id)
  }

  /** Takes what this process itself has just committed; without `records` it was a change of the head alone. */
  adopt(head: Head, version: string, records: readonly LogRecord[] = []): void {
    const known = this.#known
    if (known === undefined) return
    // Some may have been read from the log already.
    for (const record of records) if (known.replica.isNext(record)) this.#apply(known, record)
    if (known.replica.record !== head.record) return
    known.head = head
    known.version = version
  }

  /** Watches from before `revision` are told to read all again. */
  forgetHistory(revision: number): void {
    const known = this.#known
    if (known === undefined) return
    known.history.forget(revision)
  }

  close(): void {
    this.#known?.history.close()
    this.#known?.replica.close()
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turn.run('log', act)
  }

  async #look(): Promise<void> {
    const before = this.#known?.replica.revision ?? 0
    const found = await this.#backend.readHead(this.#closing)
    if (found === undefined) await this.#initialize()
    else await this.#take(found, before)
  }

  /** A head that was read out of turn: it may be older than what is known. */
  async #takeUnordered(found: VersionedHead | undefined): Promise<void> {
    const known = this.#known
    if (found !== undefined && known !== undefined) {
      const head = decode.head(found.bytes, this.#describe('head'))
      if (head.store === known.head.store && head.revision > known.replica.revision) {
        await this.#take(found, known.replica.revision)
        return
      }
    }
    await this.#look()
  }

  /** @param before the revision that was known when the reading of `found` began: a linearizable read has no less. */
  async #take(found: VersionedHead, before: number): Promise<void> {
    const head = decode.head(found.bytes, this.#describe('head'))
    const known = this.#known
    const setBack = head.revision < before
    if (known?.head.store === head.store && !setBack) {
      // Our own commits may have overtaken the answer.
      if (head.revision < known.replica.revision) return
      if (await this.#catchUp(known, head)) {
        if (known.replica.revision > head.revision) return
        known.head = head
        known.version = found.version
        return
      }
    }
    await this.#reload(head, found.version)
  }

  /** False when the records do not lead from what is known to the head. */
  async #catchUp(known: Known, head: Head): Promise<boolean> {
    const { replica } = known
    if (replica.revision < head.revision && replica.revision + 1 < head.oldest) return false
    const records = await readRecords(this.#backend, { head, after: replica.revision }, this.#closing)
    if (records === undefined) throw movedOn(this.#backend)
    for (const record of records) {
      if (record.revision <= replica.revision) continue
      if (!replica.isNext(record)) return false
      this.#apply(known, record)
    }
    return replica.revision > head.revision || replica.record === head.record
  }

  async #reload(head: Head, version: string): Promise<void> {
    const { revision, record } = head.snapshot ?? { revision: 1, record: '' }
    const entries = head.snapshot === null ? [] : await readSnapshot(this.#backend, head.snapshot, this.#closing)
    const records = await readRecords(this.#backend, { head, after: revision }, this.#closing)
    if (entries === undefined || records === undefined) throw movedOn(this.#backend)
    const replica = new Replica({ revision, record, snapshot: entries })
    const known = { head, version, replica, history: new ChangeHistory(revision, historyLength) }
    for (const next of records) {
      if (!replica.isNext(next))
        throw new Error(`the log at ${this.#backend.address} has a gap before ${next.revision}`)
      this.#apply(known, next)
    }
    this.#replace(known)
  }

  #replace(known: Known): void {
    const before = this.#known
    this.#known = known
    for (const tracked of this.#tracked.values()) tracked.untraceable ||= tracked.seenAt === undefined
    this.#loaded.resolve(undefined)
    this.#onLeased()
    if (before === undefined) return
    const why =
      before.head.store !== known.head.store || known.replica.revision < before.replica.revision
        ? 'its data was replaced'
        : 'changes were forgotten before they were read'
    this.#log.warn({ revision: known.replica.revision }, `the store at ${this.#backend.address} was read again: ${why}`)
    before.history.end(new StoreCompactedError(`${why} at ${this.#backend.address}: read all again`))
    before.replica.close()
  }

  #apply({ replica, history }: Known, record: LogRecord): void {
    history.append(replica.apply(record))
    const tracked = this.#tracked.get(record.id)
    if (tracked === undefined) this.#othersWroteAt = performance.now()
    else tracked.seenAt = record.revision
    if (record.changes.some(change => 'put' in change && change.lease !== undefined)) this.#onLeased()
  }

  /** One of all that find the server empty wins; then all read what it wrote. */
  async #initialize(): Promise<void> {
    const start = { revision: 1, record: '', oldest: 2, snapshot: null, latest: [] }
    const head: Head = { format: formatVersion, store: randomUUID(), ...start }
    await this.#backend.commit({ version: undefined, head: encode(head), pieces: [], leases: [] }, this.#closing)
    const found = await this.#backend.readHead(this.#closing)
    if (found === undefined) throw movedOn(this.#backend)
    await this.#take(found, 0)
  }

  #describe(what: string): string {
    return `the ${what} at ${this.#backend.address}`
  }
}
