import { Backoff } from '../concurrency/backoff.ts'
import type { EtcdCall, EtcdClient } from './etcd-client.ts'
import { EtcdError, toEtcdError } from './etcd-error.ts'
import { leaseGrantMethod, leaseKeepAliveMethod, leaseRevokeMethod } from './etcd-protocol.ts'

/** A lease in etcd that is kept alive by this process. */
export class EtcdLease {
  /** etcd's number, decimal. */
  readonly id: string
  readonly #client: EtcdClient
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()

  /** @param ttlMs what etcd granted, in milliseconds. */
  constructor(client: EtcdClient, id: string, ttlMs: number) {
    this.id = id
    this.#client = client
    void this.#keepAlive(ttlMs)
  }

  /** Aborts when etcd no longer has the lease, or may no longer have it. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Revokes it: its keys are deleted at once. Twice is success. @throws {EtcdError} */
  async end(call: EtcdCall = {}): Promise<void> {
    this.#ended.abort()
    try {
      await this.#client.call(leaseRevokeMethod, { ID: this.id }, { ...call, repeatable: true })
    } catch (error) {
      if (!(error instanceof EtcdError && error.code === 'lease-not-found')) throw error
    }
  }

  async #keepAlive(ttlMs: number): Promise<void> {
    const stop = AbortSignal.any([this.#ended.signal, this.#client.closing])
    const pause = new Backoff({ firstMs: ttlMs / 3, limitMs: ttlMs / 3 })
    const retry = new Backoff({ limitMs: Math.max(50, ttlMs / 10) })
    let aliveSince = performance.now()
    let waiting = pause
    for (;;) {
      await waiting.wait(stop)
      if (stop.aborted) return
      const asked = performance.now()
      const answer = await this.#renew(Math.max(1, aliveSince + ttlMs - asked))
      if (answer === 'renewed') aliveSince = asked
      if (answer === 'gone' || performance.now() >= aliveSince + ttlMs) {
        this.#client.log.warn({ lease: this.id }, 'the lease in etcd was lost')
        this.#lost.abort()
        return
      }
      waiting = answer === 'renewed' ? pause : retry
    }
  }

  async #renew(leftMs: number): Promise<'renewed' | 'gone' | 'failed'> {
    const { connection } = this.#client
    const { address } = connection
    try {
      const timeoutMs = Math.min(this.#client.timeoutMs, leftMs)
      return (await keepAliveOnce(this.#client, this.id, timeoutMs)) ? 'renewed' : 'gone'
    } catch (caught) {
      const error = toEtcdError(caught, `etcd keep-alive at ${address}`)
      this.#client.recover(error, address)
      return error.code === 'lease-not-found' ? 'gone' : 'failed'
    }
  }
}

/** Grants a lease of `ttlSeconds` at least; etcd makes very short ones longer. @throws {EtcdError} */
export async function grantLease(client: EtcdClient, ttlSeconds: number, call: EtcdCall): Promise<EtcdLease> {
  // Repeating leaves at worst an empty lease behind, which ends by itself.
  const { ID, TTL } = await client.call(leaseGrantMethod, { TTL: ttlSeconds }, { ...call, repeatable: true })
  return new EtcdLease(client, ID, Number(TTL) * 1000)
}

/** Whether etcd still had the lease, which then has its whole time to live again. */
async function keepAliveOnce(client: EtcdClient, id: string, timeoutMs: number): Promise<boolean> {
  const stream = await client.connection.stream(leaseKeepAliveMethod, { timeoutMs })
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  stream.on('error', reject)
  stream.on('end', () => reject(new EtcdError('unavailable', 'etcd ended the keep-alive')))
  stream.on('data', ({ TTL }: { TTL: string }) => resolve(Number(TTL) > 0))
  const timeout = setTimeout(() => reject(new EtcdError('deadline', 'etcd did not answer the keep-alive')), timeoutMs)
  try {
    stream.write({ ID: id })
    return await promise
  } finally {
    clearTimeout(timeout)
    stream.on('error', ignore)
    stream.cancel()
  }
}

function ignore(): void {
  // The answer is in already.
}
