/**
 * The store: a small transactional key-value space with watches and leases, in etcd's terms. Its implementations pass
 * one contract suite (`test/contract/store.contract.ts`): a SQLite file for one machine; etcd v3, Consul or ZooKeeper for
 * many.
 *
 * Keys are slash-separated text without a leading slash, relative to the store's own prefix. Values are text (JSON by
 * convention). Revisions are positive integers that grow with every transaction that changed something.
 */
export interface Store {
  /** The entry at `key`, or `undefined`. Linearizable. */
  get(key: string, call?: StoreCall): Promise<Entry | undefined>

  /** Every entry whose key begins with `prefix`, sorted by key, as of one `revision`. Linearizable. */
  range(prefix: string, call?: StoreCall): Promise<Range>

  /**
   * Does all of `then`, if all of `when` hold, as one act; otherwise nothing. A key may stand only once in `then`.
   * A transaction whose answer was lost (the connection broke) throws {@link StoreUnavailableError} with
   * `outcome: 'unknown'`; the caller must look before it repeats.
   */
  transaction(transaction: Transaction, call?: StoreCall): Promise<TransactionResult>

  /**
   * Changes to keys that begin with `prefix`, after `fromRevision` (exclusive), in order, one batch per revision.
   * Ends when `signal` aborts. Reconnects by itself; throws {@link StoreCompactedError} when changes were lost, upon
   * which the reader must `range` again, and {@link StoreUnavailableError} when the store is closed.
   */
  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<Batch>

  /** A lease that keeps itself alive until `end()`, or until this process dies: then its keys go, `ttlSeconds` later. */
  lease(ttlSeconds: number, call?: StoreCall): Promise<Lease>

  /** Lets go of files, sockets and leases. Watches end with {@link StoreUnavailableError}. */
  close(): Promise<void>
}

export interface StoreCall {
  /** Gives up when aborted; the outcome of a transaction is then unknown. */
  signal?: AbortSignal
}

export interface Entry {
  key: string
  value: string
  /** The revision of the last change of this key. */
  modRevision: number
}

export interface Range {
  entries: Entry[]
  /** The store's revision as of which `entries` are complete: the place to start a watch from. */
  revision: number
}

/** A condition of a transaction. `prefix … empty` holds when no key begins with `prefix`. */
export type Condition =
  { key: string; exists: boolean } | { key: string; modRevision: number } | { prefix: string; empty: true }

export type Operation = { put: string; value: string; lease?: Lease } | { delete: string } | { deletePrefix: string }

export interface Transaction {
  when: readonly Condition[]
  then: readonly Operation[]
}

export interface TransactionResult {
  /** False when a condition did not hold; then nothing was changed. */
  succeeded: boolean
  /** The store's revision after the transaction. */
  revision: number
}

export type Change = { type: 'put'; entry: Entry } | { type: 'delete'; key: string; modRevision: number }

/** All changes (under the watched prefix) of one revision. */
export interface Batch {
  revision: number
  changes: Change[]
}

export interface Lease {
  /** Opaque; meaningful to the store that made it. */
  readonly id: string
  /** Aborts when the lease was lost (the store was away for longer than its time to live): grant a new one. */
  readonly lost: AbortSignal
  /** Revokes the lease: its keys are deleted at once. Twice is success. */
  end(): Promise<void>
}

/** The store cannot be reached, or is closed. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  /** Whether a transaction may have happened all the same. */
  readonly outcome: 'not-done' | 'unknown'
  constructor(message: string, options: ErrorOptions & { outcome?: 'not-done' | 'unknown' } = {}) {
    super(message, options)
    this.outcome = options.outcome ?? 'not-done'
  }
}

/** The watch's start is older than what the store remembers. */
export class StoreCompactedError extends Error {
  override readonly name = 'StoreCompactedError'
}
