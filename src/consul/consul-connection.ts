import { readFileSync } from 'node:fs'
import { Agent, type Dispatcher } from 'undici'
import { ConsulError, statusError, transportError } from './consul-error.ts'

/** Files in PEM: the authority that signed Consul's certificate, and our own certificate with its key. */
export interface ConsulTls {
  caFile?: string
  certFile?: string
  keyFile?: string
}

/** Which Consul, and who we are to it. */
export interface ConsulConnectionOptions {
  /** `host:port` of the agents, in the order to try them; IPv6 as `[::1]:8500`. */
  endpoints: readonly string[]
  /** With it the connection is encrypted. */
  tls?: ConsulTls
  /** The token of Consul's access control. */
  token?: string
  /** How long one attempt at one agent may take, in milliseconds. */
  timeoutMs: number
}

export interface ConsulRequest {
  method: 'GET' | 'PUT' | 'DELETE'
  /** Below `/v1`, percent-escaped where it must be. */
  path: string
  query?: Readonly<Record<string, string>>
  body?: Buffer | string
  /** Statuses that are no failure, beside 200. */
  accept?: readonly number[]
  /** Milliseconds that Consul may wait for a change before it answers. */
  waitMs?: number
}

export interface ConsulAnswer {
  status: number
  body: Buffer
  /** The place to wait from for the next change; empty where Consul tells none. */
  index: string
}

/** Consul serves 200 connections of one address (`http_max_conns_per_client`), which may be that of many hosts. */
const maxConnections = 6

/** HTTP to one agent of a list at a time; after a failure, the next one's turn comes. */
export class ConsulConnection {
  readonly #endpoints: readonly string[]
  readonly #scheme: 'http' | 'https'
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number
  readonly #agent: Agent
  /** For requests that Consul keeps waiting: they must not hold up the others. */
  readonly #waitingAgent: Agent
  #current = 0

  /** @throws {TypeError} without endpoints; an error of the file system for TLS files that cannot be read. */
  constructor({ endpoints, tls, token, timeoutMs }: ConsulConnectionOptions) {
    if (endpoints.length === 0) throw new TypeError('expected at least one Consul agent as host:port, got none')
    this.#endpoints = endpoints
    this.#scheme = tls === undefined ? 'http' : 'https'
    this.#headers = token === undefined ? {} : { 'x-consul-token': token }
    // An agent that hangs must leave time to ask another one.
    this.#timeoutMs = endpoints.length === 1 ? timeoutMs : timeoutMs / 2.5
    const connect = { timeout: this.#timeoutMs, ...(tls && tlsOptions(tls)) }
    this.#agent = new Agent({ connect, connections: maxConnections })
    this.#waitingAgent = new Agent({ connect, connections: maxConnections })
  }

  /** The addresses, for messages. */
  get addresses(): string {
    return this.#endpoints.join(',')
  }

  /** One attempt at one request. @throws {ConsulError} */
  async request(request: ConsulRequest, signal: AbortSignal): Promise<ConsulAnswer> {
    const endpoint = this.#endpoints[this.#current] ?? ''
    const what = `${request.method} ${request.path} at Consul ${endpoint}`
    try {
      const { status, body, index } = await this.#send(endpoint, request, signal)
      if (status === 200 || request.accept?.includes(status) === true) return { status, body, index }
      throw statusError(status, body.toString(), what)
    } catch (caught) {
      if (signal.aborted) throw aborted(what, signal.reason)
      const error = caught instanceof ConsulError ? caught : transportError(caught, what)
      if (error.retryable) this.#moveOn(endpoint)
      throw error
    }
  }

  /** Breaks off what is under way. */
  close(): void {
    for (const agent of [this.#agent, this.#waitingAgent]) void agent.destroy().catch(() => undefined)
  }

  async #send(endpoint: string, request: ConsulRequest, signal: AbortSignal): Promise<ConsulAnswer> {
    const { method, path, query = {}, body, waitMs = 0 } = request
    const search = new URLSearchParams(query).toString()
    // Consul adds up to a sixteenth to the time that it waits.
    const timeout = this.#timeoutMs + waitMs * 1.0625
    const options: Dispatcher.RequestOptions = {
      origin: `${this.#scheme}://${endpoint}`,
      method,
      path: `/v1${path}${search === '' ? '' : `?${search}`}`,
      headers: this.#headers,
      signal,
      headersTimeout: timeout,
      bodyTimeout: this.#timeoutMs,
      ...(body !== undefined && { body }),
    }
    const agent = waitMs > 0 ? this.#waitingAgent : this.#agent
    const answer = await agent.request(options)
    const index = answer.headers['x-consul-index']
    return {
      status: answer.statusCode,
      body: Buffer.from(await answer.body.arrayBuffer()),
      index: typeof index === 'string' ? index : '',
    }
  }

  /** Leaves `endpoint` for the next one; nothing if somebody else has already done so. */
  #moveOn(endpoint: string): void {
    if (this.#endpoints[this.#current] === endpoint) this.#current = (this.#current + 1) % this.#endpoints.length
  }
}

function aborted(what: string, reason: unknown): ConsulError {
  return new ConsulError(`${what}: given up`, { cause: reason, outcome: 'unknown', retryable: false })
}

function tlsOptions({ caFile, certFile, keyFile }: ConsulTls): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  }
}
