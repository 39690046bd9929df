import { Backoff } from '../concurrency/backoff.ts'
import { EtcdConnection, type EtcdConnectionOptions } from './etcd-connection.ts'
import { EtcdError, toEtcdError } from './etcd-error.ts'
import { grantLease, type EtcdLease } from './etcd-lease.ts'
import {
  compactMethod,
  rangeMethod,
  statusMethod,
  txnMethod,
  type Method,
  type RangeRequest,
  type RangeResponse,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
} from './etcd-protocol.ts'
import { watchEtcd, type EtcdBatch, type WatchRange } from './etcd-watch.ts'

/** Where the client reports what it mends by itself. pino's loggers fit. */
export interface EtcdLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface EtcdClientOptions extends EtcdConnectionOptions {
  log: EtcdLog
  /** How long a call may take with all its attempts, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** What a caller may say about one call. */
export interface EtcdCall {
  signal?: AbortSignal | undefined
  timeoutMs?: number
}

/**
 * A client of etcd v3. It can be made while etcd is away. Every call ends by its deadline; it is repeated, at the next
 * member, while that is safe: reads always, writes when etcd certainly did not do them.
 */
export class EtcdClient {
  readonly connection: EtcdConnection
  readonly log: EtcdLog
  readonly timeoutMs: number
  readonly #closing = new AbortController()

  constructor(options: EtcdClientOptions) {
    this.connection = new EtcdConnection(options)
    this.log = options.log
    this.timeoutMs = options.timeoutMs ?? 5000
  }

  /** Aborts when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Linearizable. @throws {EtcdError} */
  range(request: RangeRequest, call: EtcdCall = {}): Promise<RangeResponse> {
    return this.call(rangeMethod, request, { ...call, repeatable: true })
  }

  /** Repeated only when it was certainly not done. @throws {EtcdError} */
  transaction(request: TxnRequest, call: EtcdCall = {}): Promise<TxnResponse> {
    return this.call(txnMethod, request, { ...call, repeatable: false })
  }

  /** Forgets the history before `revision`. @throws {EtcdError} `compacted` when it is forgotten already. */
  async compact(revision: number, call: EtcdCall = {}): Promise<void> {
    await this.call(compactMethod, { revision, physical: true }, { ...call, repeatable: true })
  }

  /** How the member in use is. @throws {EtcdError} */
  status(call: EtcdCall = {}): Promise<StatusResponse> {
    return this.call(statusMethod, {}, { ...call, repeatable: true })
  }

  /** Changes in `range` since `range.startRevision`, inclusive: see {@link watchEtcd}. */
  watch(range: WatchRange, signal: AbortSignal): AsyncGenerator<EtcdBatch, void> {
    return watchEtcd(this, range, signal)
  }

  /** A lease that keeps itself alive: see {@link EtcdLease}. @throws {EtcdError} */
  lease(ttlSeconds: number, call: EtcdCall = {}): Promise<EtcdLease> {
    return grantLease(this, ttlSeconds, call)
  }

  /** Ends all calls, watches and keep-alives; leases then end by themselves. */
  close(): void {
    this.#closing.abort()
    this.connection.close()
  }

  /** One call with its repetitions. @throws {EtcdError} */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { signal, timeoutMs = this.timeoutMs, repeatable }: EtcdCall & { repeatable: boolean },
  ): Promise<Response> {
    const end = performance.now() + timeoutMs
    const stop = signal === undefined ? this.closing : AbortSignal.any([signal, this.closing])
    const backoff = new Backoff()
    for (;;) {
      const { address } = this.connection
      try {
        const left = Math.max(1, end - performance.now())
        return await this.connection.call(method, request, {
          timeoutMs: repeatable ? this.#attemptTime(left, timeoutMs) : left,
          signal: stop,
        })
      } catch (caught) {
        const error = this.closing.aborted ? whenClosed(caught) : toEtcdError(caught, method.path)
        this.recover(error, address)
        const pause = backoff.next()
        // Without a login there is no token to renew.
        const hopeless = error.code === 'token-invalid' && !this.connection.hasLogin
        const mayRepeat = !hopeless && error.retryable && (repeatable || error.outcome === 'not-done')
        if (!mayRepeat || stop.aborted || performance.now() + pause >= end) throw error
        await new Backoff({ firstMs: pause, limitMs: pause }).wait(stop)
      }
    }
  }

  /** After a failure at `address`: what to change before the next attempt. */
  recover(error: EtcdError, address: string): void {
    if (error.code === 'token-invalid') this.connection.forgetToken()
    else if (error.retryable) this.connection.moveOn(address)
  }

  /** A member that hangs must leave time to ask another one. */
  #attemptTime(left: number, timeoutMs: number): number {
    return this.connection.endpointCount === 1 ? left : Math.min(left, timeoutMs / 2.5)
  }
}

function whenClosed(error: unknown): EtcdError {
  const { outcome } = toEtcdError(error, 'etcd')
  return new EtcdError('closed', 'the etcd client was closed', { cause: error, outcome })
}
