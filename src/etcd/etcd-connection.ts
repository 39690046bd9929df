import { readFileSync } from 'node:fs'
import { Client, Metadata, credentials, type ChannelCredentials, type ClientDuplexStream } from '@grpc/grpc-js'
import { EtcdError, toEtcdError } from './etcd-error.ts'
import { authenticateMethod, type Method } from './etcd-protocol.ts'

/** Files in PEM: the authority that signed etcd's certificate, and our own certificate with its key. */
export interface EtcdTls {
  caFile?: string
  certFile?: string
  keyFile?: string
}

/** Which etcd, and who we are to it. */
export interface EtcdConnectionOptions {
  /** `host:port` of the members, in the order to try them; IPv6 as `[::1]:2379`. */
  endpoints: readonly string[]
  tls?: EtcdTls
  username?: string
  password?: string
}

/** When one attempt ends at the latest. */
export interface Attempt {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

interface Endpoint {
  address: string
  client: Client
}

/**
 * Connections to the members of an etcd cluster, one at a time in use. A connection is opened by its first call, again
 * by itself after a loss, and checked by HTTP/2 pings while a call or a watch is under way.
 */
export class EtcdConnection {
  readonly #endpoints: readonly Endpoint[]
  readonly #login: { name: string; password: string } | undefined
  #current = 0
  #token: Promise<string> | undefined
  #closed = false

  /** @throws {TypeError} without endpoints; an error of the file system for TLS files that cannot be read. */
  constructor({ endpoints, tls, username, password }: EtcdConnectionOptions) {
    if (endpoints.length === 0) throw new TypeError('expected at least one etcd endpoint as host:port, got none')
    const channel = channelCredentials(tls)
    this.#endpoints = endpoints.map(address => ({ address, client: new Client(address, channel, channelOptions) }))
    this.#login = username === undefined ? undefined : { name: username, password: password ?? '' }
  }

  get endpointCount(): number {
    return this.#endpoints.length
  }

  /** The address in use, for messages. */
  get address(): string {
    return this.#endpoint().address
  }

  /** Leaves `address` for the next endpoint; nothing if somebody else has already done so. */
  moveOn(address: string): void {
    if (this.#endpoint().address === address) this.#current = (this.#current + 1) % this.#endpoints.length
  }

  /** Forgets the token: the next call logs in again. */
  forgetToken(): void {
    this.#token = undefined
  }

  /** Whether a login is configured. */
  get hasLogin(): boolean {
    return this.#login !== undefined
  }

  /** One attempt at one call at the current endpoint. @throws {EtcdError} */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    attempt: Attempt,
  ): Promise<Response> {
    const end = performance.now() + attempt.timeoutMs
    const metadata = await this.#metadata(attempt)
    return this.#unary(method, request, { ...attempt, timeoutMs: end - performance.now(), metadata })
  }

  /** Opens a stream at the current endpoint. Errors come as its `error` event. @throws {EtcdError} */
  async stream<Request, Response>(
    method: Method<Request, Response>,
    attempt: Attempt,
  ): Promise<ClientDuplexStream<Request, Response>> {
    const metadata = await this.#metadata(attempt)
    if (this.#closed) throw closedError()
    return this.#endpoint().client.makeBidiStreamRequest(method.path, method.encode, method.decode, metadata)
  }

  close(): void {
    this.#closed = true
    for (const { client } of this.#endpoints) client.close()
  }

  async #metadata(attempt: Attempt): Promise<Metadata> {
    const metadata = new Metadata()
    // A member that lost its leader refuses at once, instead of keeping us waiting: we go to the next one.
    metadata.set('hasleader', 'true')
    if (this.#login === undefined) return metadata
    this.#token ??= this.#authenticate(this.#login, attempt)
    const pending = this.#token
    try {
      const token = await pending
      if (token !== '') metadata.set('token', token)
    } catch (error) {
      if (this.#token === pending) this.#token = undefined
      throw error
    }
    return metadata
  }

  async #authenticate(login: { name: string; password: string }, attempt: Attempt): Promise<string> {
    try {
      const attemptOfAll = { timeoutMs: attempt.timeoutMs, metadata: new Metadata() }
      return (await this.#unary(authenticateMethod, login, attemptOfAll)).token
    } catch (error) {
      // As etcd's own client: a login is no harm where none is asked for.
      if (error instanceof EtcdError && error.message.includes('authentication is not enabled')) return ''
      const { code, message } = toEtcdError(error, 'etcd login')
      throw new EtcdError(code, message, { cause: error, outcome: 'not-done' })
    }
  }

  #unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { timeoutMs, signal, metadata }: Attempt & { metadata: Metadata },
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    if (this.#closed) return Promise.reject(closedError())
    if (signal?.aborted) return Promise.reject(new EtcdError('aborted', 'the call was aborted before it was sent'))
    const { address, client } = this.#endpoint()
    const options = { deadline: Date.now() + timeoutMs }
    const abort = (): void => call.cancel()
    const call = client.makeUnaryRequest(
      method.path,
      method.encode,
      method.decode,
      request,
      metadata,
      options,
      (error, response) => {
        signal?.removeEventListener('abort', abort)
        if (response !== undefined) resolve(response)
        else reject(toEtcdError(error, `etcd ${method.path.split('/').at(-1) ?? ''} at ${address}`))
      },
    )
    signal?.addEventListener('abort', abort)
    return promise
  }

  #endpoint(): Endpoint {
    const endpoint = this.#endpoints[this.#current]
    if (endpoint === undefined) throw new TypeError('no etcd endpoint')
    return endpoint
  }
}

const channelOptions = {
  // etcd ends connections that ping more often than every 5 s (`--grpc-keepalive-min-time`).
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.use_local_subchannel_pool': 1,
  // An HTTP proxy in the environment is for the web, not for the cluster's own store.
  'grpc.enable_http_proxy': 0,
}

function channelCredentials(tls: EtcdTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readFileSync(file))
  return credentials.createSsl(read(tls.caFile), read(tls.keyFile), read(tls.certFile))
}

function closedError(): EtcdError {
  return new EtcdError('closed', 'the etcd client was closed')
}
