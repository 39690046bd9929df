import { EtcdClient, type EtcdClientOptions } from '../../etcd/etcd-client.ts'
import type { EtcdLease } from '../../etcd/etcd-lease.ts'
import { EtcdError } from '../../etcd/etcd-error.ts'
import type { Compare, Event, KeyValue, RequestOp } from '../../etcd/etcd-protocol.ts'
import { prefixEnd } from '../key-range.ts'
import { StoreRequestError, checkKey, checkPrefix, checkTimeToLive, checkTransaction } from '../request-check.ts'
import {
  StoreCompactedError,
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

export interface EtcdStoreOptions extends EtcdClientOptions {
  /** Put before every key. Default `/kuryr/`. */
  prefix?: string
}

/** How many entries one message of a range brings. */
const pageSize = 2000

/**
 * The store in etcd v3. Returns at once, whether etcd is up or not: calls that etcd does not answer by their deadline
 * throw {@link StoreUnavailableError}, and the first one after it came succeeds.
 */
export function openEtcdStore(options: EtcdStoreOptions): EtcdStore {
  return new EtcdStore(options)
}

/** The store that many machines share. Made by {@link openEtcdStore}. */
export class EtcdStore implements Store {
  readonly #client: EtcdClient
  readonly #prefix: string
  /** The leases that this store granted and that have not ended. */
  readonly #leases = new Map<string, Lease>()

  constructor(options: EtcdStoreOptions) {
    this.#client = new EtcdClient(options)
    this.#prefix = options.prefix ?? '/kuryr/'
  }

  async get(key: string, call?: StoreCall): Promise<Entry | undefined> {
    checkKey(key)
    const { kvs } = await translated(this.#client.range({ key: this.#prefix + key }, { signal: call?.signal }))
    return kvs[0] && this.#toEntry(kvs[0])
  }

  async range(prefix: string, call?: StoreCall): Promise<Range> {
    checkPrefix(prefix)
    return translated(this.#oneState(prefix, call))
  }

  async transaction(transaction: Transaction, call?: StoreCall): Promise<TransactionResult> {
    checkTransaction(transaction, Buffer.byteLength(this.#prefix))
    const request = {
      compare: transaction.when.map(condition => this.#compare(condition)),
      success: transaction.then.map(operation => this.#request(operation)),
    }
    const { succeeded, header } = await translated(this.#client.transaction(request, { signal: call?.signal }))
    return { succeeded, revision: Number(header.revision) }
  }

  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<Batch> {
    checkPrefix(prefix)
    return this.#watch(prefix, fromRevision, signal)
  }

  async lease(ttlSeconds: number, call?: StoreCall): Promise<Lease> {
    checkTimeToLive(ttlSeconds)
    const lease = await translated(this.#client.lease(ttlSeconds, { signal: call?.signal }))
    const { id, lost } = lease
    const held: Lease = { id, lost, end: () => this.#end(lease) }
    this.#leases.set(id, held)
    lost.addEventListener('abort', () => this.#leases.delete(id))
    return held
  }

  /** Leases are no longer kept alive: their keys go when their time is over. */
  close(): Promise<void> {
    this.#client.close()
    return Promise.resolve()
  }

  async #end(lease: EtcdLease): Promise<void> {
    this.#leases.delete(lease.id)
    await translated(lease.end())
  }

  /** Reads again when etcd forgot the state while its pages were being read. */
  async #oneState(prefix: string, call?: StoreCall): Promise<Range> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#allPages(prefix, call)
      } catch (error) {
        if (attempt === 3 || !(error instanceof EtcdError && error.code === 'compacted')) throw error
      }
    }
  }

  async #allPages(prefix: string, call?: StoreCall): Promise<Range> {
    const { key: first, range_end } = this.#within(prefix)
    const entries: Entry[] = []
    let revision = 0
    let key = first
    for (;;) {
      const page = await this.#client.range({ key, range_end, limit: pageSize, revision }, { signal: call?.signal })
      // All pages are read as of the first one's revision: together they are one state.
      revision = revision || Number(page.header.revision)
      for (const kv of page.kvs) entries.push(this.#toEntry(kv))
      const last = page.kvs.at(-1)
      if (!page.more || last === undefined) return { entries, revision }
      key = `${last.key}\0`
    }
  }

  async *#watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncGenerator<Batch, void> {
    const { key, range_end: rangeEnd } = this.#within(prefix)
    try {
      for await (const { revision, events } of this.#client.watch(
        { key, rangeEnd, startRevision: fromRevision + 1 },
        signal,
      )) {
        yield { revision, changes: events.map(event => this.#toChange(event)) }
      }
    } catch (error) {
      throw toStoreError(error)
    }
  }

  #within(prefix: string): { key: string; range_end: string } {
    const key = this.#prefix + prefix
    // etcd takes a range end of one zero byte as: no end. A zero byte as the key is its first key of all.
    return { key: key === '' ? '\0' : key, range_end: prefixEnd(key) ?? '\0' }
  }

  #compare(condition: Condition): Compare {
    if ('prefix' in condition) return { target: 1, ...this.#within(condition.prefix), create_revision: 0 }
    const key = this.#prefix + condition.key
    if ('modRevision' in condition) return { target: 2, key, mod_revision: condition.modRevision }
    return condition.exists ? { target: 1, result: 3, key, create_revision: 0 } : { target: 1, key, create_revision: 0 }
  }

  #request(operation: Operation): RequestOp {
    if ('delete' in operation) return { request_delete_range: { key: this.#prefix + operation.delete } }
    if ('deletePrefix' in operation) return { request_delete_range: this.#within(operation.deletePrefix) }
    const { put, value, lease } = operation
    if (lease !== undefined && this.#leases.get(lease.id) !== lease) throw leaseEnded(lease.id)
    return { request_put: { key: this.#prefix + put, value, ...(lease === undefined ? {} : { lease: lease.id }) } }
  }

  #toEntry({ key, value, mod_revision }: KeyValue): Entry {
    return { key: key.slice(this.#prefix.length), value, modRevision: Number(mod_revision) }
  }

  #toChange({ type, kv }: Event): Change {
    const entry = this.#toEntry(kv)
    return type === 0 ? { type: 'put', entry } : { type: 'delete', key: entry.key, modRevision: entry.modRevision }
  }
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw toStoreError(error)
  }
}

function toStoreError(error: unknown): unknown {
  if (!(error instanceof EtcdError)) return error
  if (error.code === 'compacted') return new StoreCompactedError(error.message, { cause: error })
  if (error.code === 'lease-not-found') return leaseEnded('of the transaction', error)
  if (error.code === 'too-large' || error.code === 'invalid')
    return new StoreRequestError(error.message, { cause: error })
  return new StoreUnavailableError(error.message, { cause: error, outcome: error.outcome })
}

function leaseEnded(id: string, cause?: unknown): StoreRequestError {
  return new StoreRequestError(`lease ${id} has ended, was lost, or is of another store: grant a new one`, { cause })
}
