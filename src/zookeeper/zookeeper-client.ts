import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { raceAgainst } from '../concurrency/race-against.ts'
import type { Request, Session } from './protocol.ts'
import { ZooKeeperConnection } from './zookeeper-connection.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

/** Files in PEM: the authority that signed ZooKeeper's certificate, and our own certificate with its key. */
export interface ZooKeeperTls {
  caFile?: string
  certFile?: string
  keyFile?: string
}

/** Which ZooKeeper, and who we are to it. */
export interface ZooKeeperClientOptions {
  /** `host:port` of the servers, in the order to try them; IPv6 as `[::1]:2181`. */
  endpoints: readonly string[]
  /** With it the connection is encrypted. */
  tls?: ZooKeeperTls
  username?: string
  password?: string
}

/** Milliseconds after which the connection counts as dead, half as much again: ZooKeeper's own default is as long. */
const sessionTimeoutMs = 6000

/**
 * Connections to an ensemble of ZooKeeper, one at a time in use. A connection is opened by its first request, and anew
 * by the first one after a loss, at the next server.
 */
export class ZooKeeperClient {
  readonly #endpoints: readonly string[]
  readonly #tls: ConnectionOptions | undefined
  readonly #login: string | undefined
  readonly #closing = new AbortController()
  #current = 0
  #connection: Promise<ZooKeeperConnection> | undefined

  /** @throws {TypeError} without endpoints; an error of the file system for TLS files that cannot be read. */
  constructor({ endpoints, tls, username, password }: ZooKeeperClientOptions) {
    if (endpoints.length === 0) throw new TypeError('expected at least one ZooKeeper server as host:port, got none')
    this.#endpoints = endpoints
    this.#tls = tls && tlsOptions(tls)
    this.#login = username === undefined ? undefined : `${username}:${password ?? ''}`
  }

  /** The address in use, for messages. */
  get address(): string {
    return this.#endpoints[this.#current] ?? ''
  }

  get hasLogin(): boolean {
    return this.#login !== undefined
  }

  /** The connection in use; one attempt is made if there is none. @throws {ZooKeeperError} */
  connected(signal: AbortSignal): Promise<ZooKeeperConnection> {
    this.#connection ??= this.#connect()
    return raceAgainst(signal, this.#connection)
  }

  /** One request over the connection in use. @throws {ZooKeeperError} */
  async request<Reply>(request: Request<Reply>, signal: AbortSignal): Promise<Reply> {
    const connection = await this.connected(signal)
    return raceAgainst(signal, connection.request(request))
  }

  /** A connection with a session of its own. @throws {ZooKeeperError} */
  openSession(
    { timeoutMs, session }: { timeoutMs: number; session?: Session | undefined },
    signal: AbortSignal,
  ): Promise<ZooKeeperConnection> {
    return this.#open({ sessionTimeoutMs: timeoutMs, session }, signal)
  }

  close(): void {
    this.#closing.abort(new ZooKeeperError('closed', 'the ZooKeeper client was closed'))
    this.#connection?.then(
      connection => connection.endSession(),
      () => undefined,
    )
  }

  async #connect(): Promise<ZooKeeperConnection> {
    try {
      const connection = await this.#open({ sessionTimeoutMs }, this.#closing.signal)
      void connection.ended.then(() => this.#forget())
      return connection
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  async #open(
    session: { sessionTimeoutMs: number; session?: Session | undefined },
    signal: AbortSignal,
  ): Promise<ZooKeeperConnection> {
    const stop = AbortSignal.any([signal, this.#closing.signal])
    const endpoint = this.address
    try {
      return await ZooKeeperConnection.open({ endpoint, tls: this.#tls, login: this.#login, ...session }, stop)
    } catch (error) {
      if (this.address === endpoint) this.#current = (this.#current + 1) % this.#endpoints.length
      throw error
    }
  }

  #forget(): void {
    this.#connection = undefined
  }
}

function tlsOptions({ caFile, certFile, keyFile }: ZooKeeperTls): ConnectionOptions {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  }
}
