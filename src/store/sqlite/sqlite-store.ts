import type { DatabaseSync } from 'node:sqlite'
import { checkKey, checkPrefix, checkTimeToLive, checkTransaction } from '../request-check.ts'
import {
  StoreUnavailableError,
  type Batch,
  type Change,
  type Condition,
  type Entry,
  type Lease,
  type Operation,
  type Range,
  type Store,
  type StoreCall,
  type Transaction,
  type TransactionResult,
} from '../store.ts'
import { ChangeHistory } from '../change-history.ts'
import { openDatabaseFile } from './database-file.ts'
import { EntryTable } from '../entry-table.ts'
import { LeaseTable, systemClock, type StoreClock } from './lease-table.ts'
import { SqliteLease, leaseRow } from './sqlite-lease.ts'

/** Where the store is, and the world around it. */
export interface SqliteStoreOptions {
  /** The file; it and its directories are made where missing, for this user alone. */
  path: string
  /** Put before every key. Default: nothing. */
  prefix?: string
  clock?: StoreClock
  /** How many revisions a watch may lag behind, or be resumed after, at least. Default 10000. */
  historyLength?: number
}

/**
 * Opens the store in a SQLite file, which belongs to this process alone until `close()`. Leases of a process that died
 * end when their time is over. Watches can start from the revision at the opening on, not before.
 * @throws {StoreFileError} when the file is in use, damaged, of another program or of a newer version.
 */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  return new SqliteStore(options)
}

/** The store on one machine. Made by {@link openSqliteStore}. */
export class SqliteStore implements Store {
  readonly #path: string
  readonly #prefix: string
  readonly #clock: StoreClock
  readonly #database: DatabaseSync
  readonly #entries: EntryTable
  readonly #leases: LeaseTable
  readonly #history: ChangeHistory
  /** Leases of this process that have not ended. */
  readonly #held = new Set<number>()
  /** For each lease how to call off its timer: renewal of our own, expiry of a dead process's. */
  readonly #timers = new Map<number, () => void>()
  #revision: number

  /** @throws {StoreFileError} see {@link openSqliteStore}. */
  constructor({ path, prefix = '', clock = systemClock, historyLength = 10_000 }: SqliteStoreOptions) {
    this.#path = path
    this.#prefix = prefix
    this.#clock = clock
    this.#database = openDatabaseFile(path)
    this.#entries = new EntryTable(this.#database)
    this.#leases = new LeaseTable(this.#database, clock)
    this.#revision = this.#entries.revision
    this.#history = new ChangeHistory(this.#revision, historyLength)
    for (const { id, remainingMs } of this.#leases.remaining()) this.#expireLater(id, remainingMs)
  }

  async get(key: string, call?: StoreCall): Promise<Entry | undefined> {
    checkKey(key)
    const entry = await this.#attempt(call, () => this.#entries.get(this.#prefix + key))
    return entry && this.#relative(entry)
  }

  async range(prefix: string, call?: StoreCall): Promise<Range> {
    checkPrefix(prefix)
    return this.#attempt(call, () => ({
      entries: this.#entries.range(this.#prefix + prefix).map(entry => this.#relative(entry)),
      revision: this.#revision,
    }))
  }

  async transaction(transaction: Transaction, call?: StoreCall): Promise<TransactionResult> {
    checkTransaction(transaction)
    const leases = transaction.then.map(operation =>
      'put' in operation ? leaseRow(operation.lease, this.#held) : undefined,
    )
    const succeeded = await this.#attempt(call, () =>
      this.#change(revision => {
        if (!transaction.when.every(condition => this.#entries.holds(this.#whole(condition)))) return undefined
        return transaction.then.flatMap((operation, index) => this.#apply(operation, leases[index], revision))
      }),
    )
    return { succeeded, revision: this.#revision }
  }

  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<Batch> {
    checkPrefix(prefix)
    return this.#history.watch(prefix, fromRevision, signal)
  }

  async lease(ttlSeconds: number, call?: StoreCall): Promise<Lease> {
    checkTimeToLive(ttlSeconds)
    const ttlMs = ttlSeconds * 1000
    const id = await this.#attempt(call, () =>
      this.#inTransaction(() => {
        const id = this.#entries.nextLease()
        this.#leases.add(id, ttlMs)
        return id
      }),
    )
    this.#held.add(id)
    this.#renewLater(id, ttlMs / 3)
    return new SqliteLease(id, () => this.#end(id))
  }

  close(): Promise<void> {
    if (!this.#database.isOpen) return Promise.resolve()
    for (const cancel of this.#timers.values()) cancel()
    for (const id of this.#held) this.#renew(id)
    this.#history.close()
    this.#database.close()
    return Promise.resolve()
  }

  async #end(id: number): Promise<void> {
    if (!this.#held.has(id)) return
    await this.#attempt(undefined, () => {
      this.#expire(id)
    })
  }

  #expire(id: number): void {
    this.#change(revision => {
      const changes = this.#entries.deleteOfLease(id, revision)
      this.#leases.delete(id)
      return changes
    })
    this.#held.delete(id)
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  #expireLater(id: number, milliseconds: number): void {
    const expire = (): void => {
      try {
        this.#expire(id)
      } catch {
        // The disk may be full, for now: its keys may stay longer than promised, but not for good.
        this.#expireLater(id, 1000)
      }
    }
    this.#timers.set(id, this.#clock.after(milliseconds, expire))
  }

  #renewLater(id: number, milliseconds: number): void {
    const renew = (): void => {
      this.#renew(id)
      this.#renewLater(id, milliseconds)
    }
    this.#timers.set(id, this.#clock.after(milliseconds, renew))
  }

  #renew(id: number): void {
    try {
      this.#leases.renew(id)
    } catch {
      // Matters only if this process dies before the next renewal: then the lease ends earlier than promised.
    }
  }

  /** Refuses and translates: every way into the database goes through here. */
  #attempt<T>(call: StoreCall | undefined, act: () => T): Promise<T> {
    if (!this.#database.isOpen) throw new StoreUnavailableError(`the store ${this.#path} was closed`)
    if (call?.signal?.aborted) {
      throw new StoreUnavailableError(`the call to ${this.#path} was aborted`, { cause: call.signal.reason })
    }
    try {
      return Promise.resolve(act())
    } catch (error) {
      if (!(error instanceof Error) || !('errcode' in error)) throw error
      throw new StoreUnavailableError(`the store ${this.#path} failed: ${error.message}`, { cause: error })
    }
  }

  /** One new revision with the changes that `act` made; none where it made none. `undefined`: a condition failed. */
  #change(act: (revision: number) => Change[] | undefined): boolean {
    const next = this.#revision + 1
    const changes = this.#inTransaction(() => {
      const made = act(next)
      if (made !== undefined && made.length > 0) this.#entries.revision = next
      return made
    })
    if (changes === undefined) return false
    if (changes.length > 0)
      this.#publish({ revision: next, changes: changes.map(change => this.#relativeChange(change)) })
    return true
  }

  #publish(batch: Batch): void {
    this.#revision = batch.revision
    this.#history.append(batch)
  }

  #inTransaction<T>(act: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = act()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #apply(operation: Operation, lease: number | undefined, revision: number): Change[] {
    if ('delete' in operation) return this.#entries.delete(this.#prefix + operation.delete, revision)
    if ('deletePrefix' in operation) return this.#entries.deletePrefix(this.#prefix + operation.deletePrefix, revision)
    return [this.#entries.put({ key: this.#prefix + operation.put, value: operation.value, lease, revision })]
  }

  #whole(condition: Condition): Condition {
    if ('prefix' in condition) return { ...condition, prefix: this.#prefix + condition.prefix }
    return { ...condition, key: this.#prefix + condition.key }
  }

  #relative(entry: Entry): Entry {
    return { ...entry, key: entry.key.slice(this.#prefix.length) }
  }

  #relativeChange(change: Change): Change {
    if (change.type === 'put') return { type: 'put', entry: this.#relative(change.entry) }
    return { ...change, key: change.key.slice(this.#prefix.length) }
  }
}
