import { StoreRequestError, checkKey, checkPrefix, checkTimeToLive, checkTransaction } from '../request-check.ts'
import {
  StoreCompactedError,
  StoreUnavailableError,
  type Batch,
  type Entry,
  type Lease,
  type Operation,
  type Range,
  type Store,
  type StoreCall,
  type Transaction,
  type TransactionResult,
} from '../store.ts'
import { within, type Attempt, type Bounds } from './attempt.ts'
import { LeaseReaper } from './lease-reaper.ts'
import type { BackendLease, LogBackend } from './log-backend.ts'
import { LogFollower, type Known, type LogFollowerLog } from './log-follower.ts'
import { LogWriter } from './log-writer.ts'
import type { PlannedOperation } from './replica.ts'
import { Snapshots } from './snapshots.ts'

/** The world around a {@link LoggedStore}. */
export interface LoggedStoreOptions {
  backend: LogBackend
  log: LogFollowerLog
  /** How long a call may take, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/**
 * The store on a server that can only compare and set: a log of all changes, one record for each revision, with a head
 * that tells how far it goes; and in each process a replica that follows it. Reads are answered from the replica once it
 * has what the log had when they began.
 */
export class LoggedStore implements Store {
  readonly #backend: LogBackend
  readonly #closing = new AbortController()
  readonly #bounds: Bounds
  readonly #follower: LogFollower
  readonly #writer: LogWriter
  readonly #snapshots: Snapshots
  readonly #background: Promise<unknown>
  /** The leases that this store granted and that have not ended. */
  readonly #leases = new Map<string, Lease>()

  /** Returns at once, whether the server is up or not. */
  constructor({ backend, log, timeoutMs = 5000 }: LoggedStoreOptions) {
    const closing = this.#closing.signal
    this.#backend = backend
    this.#bounds = { address: backend.address, timeoutMs, closing }
    const follower = new LogFollower({ backend, log, closing, onLeased: () => reaper.poke() })
    const endLease = async (id: string): Promise<void> => {
      await within(this.#bounds, undefined, attempt => this.#endLease(id, attempt))
    }
    const reaper = new LeaseReaper({ backend, follower, log, closing, endLease })
    this.#follower = follower
    this.#snapshots = new Snapshots({ backend, follower, log, closing })
    const onCommitted = (): void => this.#snapshots.consider()
    this.#writer = new LogWriter({ backend, follower, closing, timeoutMs, onCommitted })
    this.#background = Promise.all([follower.follow(), reaper.watch()])
  }

  get(key: string, call?: StoreCall): Promise<Entry | undefined> {
    return this.#read(
      () => checkKey(key),
      call,
      ({ replica }) => replica.get(key),
    )
  }

  range(prefix: string, call?: StoreCall): Promise<Range> {
    const read = ({ replica }: Known): Range => ({ entries: replica.range(prefix), revision: replica.revision })
    return this.#read(() => checkPrefix(prefix), call, read)
  }

  async transaction(transaction: Transaction, call?: StoreCall): Promise<TransactionResult> {
    checkTransaction(transaction)
    const operations = transaction.then.map(operation => this.#planned(operation))
    const leases = new Set(operations.flatMap(operation => ('put' in operation ? (operation.lease ?? []) : [])))
    return within(this.#bounds, call, attempt =>
      this.#writer.write({ plan: replica => replica.plan(transaction.when, operations), leases: [...leases] }, attempt),
    )
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncGenerator<Batch, void> {
    checkPrefix(prefix)
    const known = await this.#watchable(fromRevision, signal)
    if (known !== undefined) yield* known.history.watch(prefix, fromRevision, signal)
  }

  async lease(ttlSeconds: number, call?: StoreCall): Promise<Lease> {
    checkTimeToLive(ttlSeconds)
    const granted = await within(this.#bounds, call, attempt =>
      attempt.repeat(signal => this.#backend.lease(ttlSeconds, signal)),
    )
    const { id, lost } = granted
    const held: Lease = { id, lost, end: () => this.#end(granted) }
    this.#leases.set(id, held)
    lost.addEventListener('abort', () => this.#leases.delete(id))
    return held
  }

  /** Takes a snapshot of all entries and forgets the changes up to now; this happens by itself from time to time. */
  async compact(call?: StoreCall): Promise<void> {
    await within(this.#bounds, call, attempt => attempt.repeat(signal => this.#snapshots.take(0, signal)))
    const { replica } = await this.#follower.whenKnown(this.#closing.signal)
    this.#follower.forgetHistory(replica.revision)
  }

  /** Leases are no longer kept alive: their keys go when their time is over. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new StoreUnavailableError(`the store at ${this.#backend.address} was closed`))
    this.#backend.close()
    await this.#background
    this.#follower.close()
  }

  async #read<T>(check: () => void, call: StoreCall | undefined, read: (known: Known) => T): Promise<T> {
    check()
    return within(this.#bounds, call, async attempt =>
      read(await attempt.repeat(signal => this.#follower.refresh(signal))),
    )
  }

  /** What can be watched from `revision`; `undefined` when `signal` aborts first. */
  async #watchable(revision: number, signal: AbortSignal): Promise<Known | undefined> {
    const closing = this.#closing.signal
    try {
      const stop = AbortSignal.any([signal, closing])
      const known = await this.#follower.whenKnown(stop)
      if (revision <= known.replica.revision) return known
      const current = await this.#follower.refresh(stop)
      if (revision <= current.replica.revision) return current
      throw new StoreCompactedError(
        `changes after revision ${revision} were asked for, ${this.#backend.address} is at ${current.replica.revision}: its data was replaced`,
      )
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    }
  }

  #planned(operation: Operation): PlannedOperation {
    if (!('put' in operation)) return operation
    const { put, value, lease } = operation
    if (lease === undefined) return { put, value }
    if (this.#leases.get(lease.id) === lease) return { put, value, lease: lease.id }
    throw new StoreRequestError(`lease ${lease.id} has ended, was lost, or is of another store: grant a new one`)
  }

  async #end(lease: BackendLease): Promise<void> {
    this.#leases.delete(lease.id)
    await within(this.#bounds, undefined, async attempt => {
      try {
        await this.#endLease(lease.id, attempt)
      } catch (error) {
        // It is kept alive no longer: whoever sees it lapse deletes its keys.
        lease.end(attempt.signal).catch(() => undefined)
        throw error
      }
      await attempt.repeat(signal => lease.end(signal))
    })
  }

  async #endLease(id: string, attempt: Attempt): Promise<void> {
    await this.#writer.write({ plan: replica => replica.planLeaseEnd(id), leases: [] }, attempt)
  }
}
