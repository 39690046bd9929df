import type { Operation, Transaction } from './store.ts'

/** A request that no store can serve, however often it is repeated: a mistake of the caller, or too much at once. */
export class StoreRequestError extends Error {
  override readonly name = 'StoreRequestError'
}

/** etcd's default `--max-txn-ops`: conditions, and operations, of one transaction. */
export const maxTransactionOperations = 128
/** Bytes of keys and values in one transaction: etcd's default `--max-request-bytes` less room for its own framing. */
export const maxTransactionBytes = 1_500_000

/**
 * Refuses what etcd would refuse, whichever store is in use, so that what works on one machine works on many.
 * @param keyPrefixBytes bytes that the store puts before each key.
 * @throws {StoreRequestError} naming the key or the limit.
 */
export function checkTransaction({ when, then }: Transaction, keyPrefixBytes = 0): void {
  checkCount('conditions', when.length)
  checkCount('operations', then.length)
  for (const condition of when) {
    if ('key' in condition) checkKey(condition.key)
    else checkPrefix(condition.prefix)
  }
  for (const operation of then) checkOperation(operation)
  checkOverlaps(then)
  checkSize({ when, then }, keyPrefixBytes)
}

/** @throws {StoreRequestError} unless `key` is text that can be stored: not empty, no leading slash, valid Unicode. */
export function checkKey(key: string): void {
  if (key === '') throw new StoreRequestError('expected a key, got the empty text')
  checkPrefix(key)
}

/** @throws {StoreRequestError} unless keys can begin with `prefix`. The empty prefix stands for every key. */
export function checkPrefix(prefix: string): void {
  if (prefix.startsWith('/')) {
    throw new StoreRequestError(`expected a key without a leading slash, got ${JSON.stringify(prefix)}`)
  }
  if (!prefix.isWellFormed()) {
    throw new StoreRequestError(`expected a key of valid Unicode, got ${JSON.stringify(prefix)} with half a character`)
  }
}

/** @throws {StoreRequestError} unless `ttlSeconds` is a whole number of seconds, one or more. */
export function checkTimeToLive(ttlSeconds: number): void {
  if (Number.isSafeInteger(ttlSeconds) && ttlSeconds >= 1) return
  throw new StoreRequestError(`expected a lease's time to live in whole seconds, 1 or more, got ${ttlSeconds}`)
}

function checkCount(what: string, count: number): void {
  if (count <= maxTransactionOperations) return
  throw new StoreRequestError(
    `a transaction may have ${maxTransactionOperations} ${what} (etcd's limit), got ${count}: split it`,
  )
}

function checkOperation(operation: Operation): void {
  if ('deletePrefix' in operation) checkPrefix(operation.deletePrefix)
  else checkKey('delete' in operation ? operation.delete : operation.put)
  if ('put' in operation && !operation.value.isWellFormed()) {
    throw new StoreRequestError(
      `the value for ${JSON.stringify(operation.put)} is no valid Unicode: it has half a character`,
    )
  }
}

function checkOverlaps(then: readonly Operation[]): void {
  const seen = new Set<string>()
  const prefixes = then.flatMap(operation => ('deletePrefix' in operation ? [operation.deletePrefix] : []))
  for (const operation of then) {
    if ('deletePrefix' in operation) continue
    const key = 'put' in operation ? operation.put : operation.delete
    if (seen.has(key)) throw new StoreRequestError(`${JSON.stringify(key)} stands twice in one transaction`)
    seen.add(key)
    if ('put' in operation && prefixes.some(prefix => key.startsWith(prefix))) {
      throw new StoreRequestError(`${JSON.stringify(key)} is put and deleted by its prefix in one transaction`)
    }
  }
}

function checkSize({ when, then }: Transaction, keyPrefixBytes: number): void {
  // Each entry of either list costs etcd a few dozen bytes beside its texts.
  const perItem = keyPrefixBytes + 40
  let bytes = (when.length + then.length) * perItem
  for (const condition of when) bytes += Buffer.byteLength('key' in condition ? condition.key : condition.prefix)
  for (const operation of then) bytes += operationBytes(operation)
  if (bytes <= maxTransactionBytes) return
  throw new StoreRequestError(
    `a transaction may have ${maxTransactionBytes} bytes of keys and values (etcd takes 1.5 MiB), got ${bytes}: split it`,
  )
}

function operationBytes(operation: Operation): number {
  if ('put' in operation) return Buffer.byteLength(operation.put) + Buffer.byteLength(operation.value)
  return Buffer.byteLength('delete' in operation ? operation.delete : operation.deletePrefix)
}
