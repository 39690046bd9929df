import { ConsulConnection, type ConsulConnectionOptions, type ConsulAnswer } from './consul-connection.ts'
import { ConsulError } from './consul-error.ts'
import { decode, type TransactionAnswer } from './consul-messages.ts'

/** One act of a transaction. */
export type ConsulAct =
  | { Verb: 'cas'; Key: string; Value: string; Index: number }
  | { Verb: 'set'; Key: string; Value: string }
  | { Verb: 'get'; Key: string }

export interface ConsulEntry {
  value: Buffer
  /** Consul's index of the last change. */
  index: string
}

/** How long Consul may wait for a change, in milliseconds: also how long a dead connection is not noticed. */
const waitMs = 10_000

/** The part of Consul's HTTP API that is used here. Reads are consistent: Consul asks a majority. All throw {@link ConsulError}. */
export class ConsulClient {
  readonly #connection: ConsulConnection

  constructor(options: ConsulConnectionOptions) {
    this.#connection = new ConsulConnection(options)
  }

  /** The addresses, for messages. */
  get addresses(): string {
    return this.#connection.addresses
  }

  /** The entry at `key`; with `after`, once its index is another, or after a while. */
  async get(key: string, { after }: { after?: string }, signal: AbortSignal): Promise<ConsulEntry | undefined> {
    const { status, body } = await this.#read(key, { after }, signal)
    if (status === 404) return undefined
    const [entry] = decode.keyValues(body, `GET ${key}`)
    return entry && { value: Buffer.from(entry.Value ?? '', 'base64'), index: String(entry.ModifyIndex) }
  }

  /** The keys that begin with `prefix`, and the index to wait from; with `after`, once they changed, or after a while. */
  async keys(
    prefix: string,
    { after }: { after?: string },
    signal: AbortSignal,
  ): Promise<{ keys: string[]; index: string }> {
    const { status, body, index } = await this.#read(prefix, { after, keys: '' }, signal)
    return { keys: status === 404 ? [] : decode.keys(body, `GET ${prefix}?keys`), index }
  }

  async put(key: string, value: Buffer, signal: AbortSignal): Promise<void> {
    await this.#connection.request({ method: 'PUT', path: pathOf(key), body: value }, signal)
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    await this.#connection.request({ method: 'DELETE', path: pathOf(key) }, signal)
  }

  /** Does all acts or none. */
  async transaction(acts: readonly ConsulAct[], signal: AbortSignal): Promise<TransactionAnswer> {
    const body = JSON.stringify(acts.map(KV => ({ KV })))
    const { body: answer } = await this.#connection.request(
      { method: 'PUT', path: '/txn', body, accept: [409] },
      signal,
    )
    return decode.transaction(answer, 'PUT /txn')
  }

  /** A session that ends `ttlSeconds` (10 to 86400) after its last renewal, or somewhat later, and takes its keys along. */
  async createSession(ttlSeconds: number, signal: AbortSignal): Promise<string> {
    const session = { Name: 'kuryr', TTL: `${ttlSeconds}s`, Behavior: 'delete', LockDelay: '0s', NodeChecks: [] }
    const body = JSON.stringify(session)
    const answer = await this.#connection.request({ method: 'PUT', path: '/session/create', body }, signal)
    return decode.session(answer.body, 'PUT /session/create').ID
  }

  /** Whether Consul still had the session. */
  async renewSession(id: string, signal: AbortSignal): Promise<boolean> {
    const path = `/session/renew/${id}`
    const { status } = await this.#connection.request({ method: 'PUT', path, accept: [404] }, signal)
    return status !== 404
  }

  /** Ends it, with its keys. Twice is success. */
  async destroySession(id: string, signal: AbortSignal): Promise<void> {
    await this.#connection.request({ method: 'PUT', path: `/session/destroy/${id}` }, signal)
  }

  /** Makes the key the session's. @throws {ConsulError} if the session has ended. */
  async acquire(key: string, session: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'PUT' as const, path: pathOf(key), query: { acquire: session }, body: '' }
    const { body } = await this.#connection.request(request, signal)
    if (body.toString().trim() === 'true') return
    throw new ConsulError(`the key ${key} was not given to session ${session}`, {
      outcome: 'not-done',
      retryable: true,
    })
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#connection.close()
  }

  #read(
    key: string,
    { after, ...query }: { after: string | undefined; keys?: string },
    signal: AbortSignal,
  ): Promise<ConsulAnswer> {
    const wait = after === undefined ? {} : { index: after, wait: `${waitMs}ms` }
    const path = pathOf(key)
    const all = { consistent: '', ...query, ...wait }
    const waiting = after === undefined ? {} : { waitMs }
    return this.#connection.request({ method: 'GET', path, query: all, accept: [404], ...waiting }, signal)
  }
}

function pathOf(key: string): string {
  return `/kv/${key.split('/').map(encodeURIComponent).join('/')}`
}
