import { ConsulClient, type ConsulAct } from '../../consul/consul-client.ts'
import type { ConsulConnectionOptions } from '../../consul/consul-connection.ts'
import { ConsulError } from '../../consul/consul-error.ts'
import { SessionKey } from '../../consul/session-key.ts'
import {
  BackendError,
  type BackendLease,
  type Commit,
  type CommitAnswer,
  type LeaseList,
  type LogBackend,
  type VersionedHead,
} from '../logged/log-backend.ts'

export interface ConsulBackendOptions extends ConsulConnectionOptions {
  /** What all keys begin with: `kuryr/`. */
  prefix: string
}

/** Seconds that a session lives at least, where Consul is not told otherwise (`session_ttl_min`). */
const leastTtlSeconds = 10

/**
 * The log in Consul: keys `head`, `pieces/…` and, belonging to sessions, `leases/…`. A commit is one transaction, which
 * compares the head's index.
 */
export class ConsulBackend implements LogBackend {
  // A value, and a transaction as it goes over the wire in base64, may have 512 KiB (kv_max_value_size).
  readonly limits = { piece: 256 * 1024, commit: 128 * 1024 }
  readonly address: string
  readonly #client: ConsulClient
  readonly #prefix: string
  readonly #held = new Set<SessionKey>()

  constructor({ prefix, ...options }: ConsulBackendOptions) {
    this.#client = new ConsulClient(options)
    this.#prefix = prefix
    this.address = `Consul ${this.#client.addresses}`
  }

  readHead(signal: AbortSignal): Promise<VersionedHead | undefined> {
    return this.#headAfter({}, signal)
  }

  awaitHead(version: string, signal: AbortSignal): Promise<VersionedHead | undefined> {
    return this.#headAfter({ after: version }, signal)
  }

  async commit({ version, head, pieces, leases }: Commit, signal: AbortSignal): Promise<CommitAnswer> {
    const set: ConsulAct = { Verb: 'cas', Key: this.#head, Value: text(head), Index: Number(version ?? 0) }
    const acts: ConsulAct[] = [
      set,
      ...leases.map(lease => ({ Verb: 'get' as const, Key: this.#lease(lease) })),
      ...pieces.map(({ name, bytes }) => ({ Verb: 'set' as const, Key: this.#piece(name), Value: text(bytes) })),
    ]
    const { Results, Errors } = await translated(this.#client.transaction(acts, signal))
    const index = Results?.find(({ KV }) => KV.Key === this.#head)?.KV.ModifyIndex
    if (index !== undefined) return { done: true, version: String(index) }
    const failed = Errors?.map(error => error.OpIndex) ?? []
    if (failed.includes(0)) return { done: false, because: 'head' }
    const lease = leases.find((_, operation) => failed.includes(operation + 1))
    if (lease !== undefined) return { done: false, because: 'lease', lease }
    const why = Errors?.map(error => error.What).join(', ') ?? 'no reason given'
    throw new BackendError(`${this.address} refused a transaction: ${why}`, { outcome: 'not-done', retryable: false })
  }

  async readPiece(name: string, signal: AbortSignal): Promise<Buffer | undefined> {
    return (await translated(this.#client.get(this.#piece(name), {}, signal)))?.value
  }

  async writePiece(name: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
    await translated(this.#client.put(this.#piece(name), bytes, signal))
  }

  async listPieces(signal: AbortSignal): Promise<string[]> {
    const prefix = this.#piece('')
    const { keys } = await translated(this.#client.keys(prefix, {}, signal))
    return keys.map(key => key.slice(prefix.length))
  }

  async removePieces(names: readonly string[], signal: AbortSignal): Promise<void> {
    for (const name of names) await translated(this.#client.delete(this.#piece(name), signal))
  }

  async lease(ttlSeconds: number, signal: AbortSignal): Promise<BackendLease> {
    const make = (ttlSeconds: number): Promise<SessionKey> =>
      SessionKey.make(this.#client, { key: session => this.#lease(session), ttlSeconds }, signal)
    const key = await translated(
      make(ttlSeconds).catch((error: unknown) => {
        if (ttlSeconds >= leastTtlSeconds || !isTooShort(error)) throw error
        return make(leastTtlSeconds)
      }),
    )
    this.#held.add(key)
    key.lost.addEventListener('abort', () => this.#held.delete(key))
    const end = async (signal: AbortSignal): Promise<void> => {
      this.#held.delete(key)
      await translated(key.end(signal))
    }
    return { id: key.session, lost: key.lost, end }
  }

  async awaitLeases(known: LeaseList | undefined, signal: AbortSignal): Promise<LeaseList> {
    const prefix = this.#lease('')
    const after = known === undefined ? {} : { after: known.version }
    const { keys, index } = await translated(this.#client.keys(prefix, after, signal))
    return { ids: new Set(keys.map(key => key.slice(prefix.length))), version: index }
  }

  close(): void {
    for (const key of this.#held) key.abandon()
    this.#client.close()
  }

  async #headAfter(place: { after?: string }, signal: AbortSignal): Promise<VersionedHead | undefined> {
    const entry = await translated(this.#client.get(this.#head, place, signal))
    return entry && { bytes: entry.value, version: entry.index }
  }

  get #head(): string {
    return `${this.#prefix}head`
  }

  #piece(name: string): string {
    return `${this.#prefix}pieces/${name}`
  }

  #lease(id: string): string {
    return `${this.#prefix}leases/${id}`
  }
}

function isTooShort(error: unknown): boolean {
  return error instanceof ConsulError && error.message.includes('Invalid Session TTL')
}

function text(bytes: Buffer): string {
  return bytes.toString('base64')
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof ConsulError)) throw error
    const { message, outcome, retryable } = error
    throw new BackendError(message, { cause: error, outcome, retryable })
  }
}
