import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { Frames } from './frames.ts'
import { JuteReader } from './jute.ts'
import {
  authRequest,
  closeRequest,
  connectReply,
  connectRequest,
  frame,
  pingRequest,
  xids,
  type Request,
  type Session,
} from './protocol.ts'
import { ZooKeeperError, replyError } from './zookeeper-error.ts'

/** Which server, and who we are to it. */
export interface ConnectionOptionsOfZooKeeper {
  /** `host:port`; IPv6 as `[::1]:2181`. */
  endpoint: string
  /** For TLS. */
  tls?: ConnectionOptions | undefined
  /** `name:password`. */
  login?: string | undefined
  /** After how long without a sign of life the server ends the session, in milliseconds. */
  sessionTimeoutMs: number
  /** A session to take up again. */
  session?: Session | undefined
}

interface Pending {
  what: string
  take: (reader: JuteReader) => void
  reject: (error: ZooKeeperError) => void
}

/**
 * One connection to one server. Requests are answered in their order. It ends itself when the server gives no sign of
 * life for two thirds of the session's time.
 */
export class ZooKeeperConnection {
  readonly #socket: Socket
  readonly #endpoint: string
  readonly #pending = new Map<number, Pending>()
  readonly #watches = new Map<string, Set<() => void>>()
  readonly #ended = Promise.withResolvers<ZooKeeperError>()
  readonly #frames = new Frames()
  #session: Session | undefined
  #timeoutMs: number
  #xid = 0
  #pinging: NodeJS.Timeout | undefined
  #lastHeard = performance.now()
  #onHandshake: (reply: Buffer) => void = () => undefined

  private constructor({ endpoint, tls, sessionTimeoutMs }: ConnectionOptionsOfZooKeeper) {
    this.#endpoint = endpoint
    this.#timeoutMs = sessionTimeoutMs
    const { host, port } = hostAndPort(endpoint)
    this.#socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ...tls })
    this.#socket.setNoDelay(true)
    this.#socket.on('data', chunk => this.#receive(chunk))
    this.#socket.on('error', error => this.#end(lost(endpoint, error.message, error)))
    this.#socket.on('close', () => this.#end(lost(endpoint, 'it closed the connection')))
  }

  /**
   * Connects and logs in. @throws {ZooKeeperError} `unavailable`; `session-expired` when the session to take up is no
   * more; `aborted`.
   */
  static async open(options: ConnectionOptionsOfZooKeeper, signal: AbortSignal): Promise<ZooKeeperConnection> {
    const connection = new ZooKeeperConnection(options)
    const abort = (): void => connection.#end(new ZooKeeperError('aborted', 'the connecting was given up'))
    const late = setTimeout(() => {
      connection.#end(lost(options.endpoint, `it did not answer within ${options.sessionTimeoutMs} ms`))
    }, options.sessionTimeoutMs)
    signal.addEventListener('abort', abort, { once: true })
    try {
      if (signal.aborted) abort()
      await Promise.race([connection.#shakeHands(options), connection.#ended.promise.then(fail)])
      return connection
    } catch (error) {
      connection.#socket.destroy()
      throw error
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', abort)
    }
  }

  /** Resolves with the reason when the connection has ended. */
  get ended(): Promise<ZooKeeperError> {
    return this.#ended.promise
  }

  get session(): Session | undefined {
    return this.#session
  }

  /** What the server granted, in milliseconds. */
  get sessionTimeoutMs(): number {
    return this.#timeoutMs
  }

  /** When the server last gave a sign of life, on the clock of `performance.now()`. */
  get lastHeard(): number {
    return this.#lastHeard
  }

  /** Sends a request. @throws {ZooKeeperError} of the reply's code, or `unavailable` with an unknown outcome. */
  request<Reply>(request: Request<Reply>): Promise<Reply> {
    if (this.#socket.destroyed) return Promise.reject(lost(this.#endpoint, 'the connection has ended'))
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const xid = (this.#xid = (this.#xid % 0x7fffffff) + 1)
    this.#pending.set(xid, {
      what: `${request.what} at ${this.#endpoint}`,
      take: reader => resolve(request.read(reader)),
      reject,
    })
    this.#socket.write(frame(xid, request))
    return promise
  }

  /** Calls `told` once, when the server tells that what a request watches at `path` has changed, or is lost. */
  onChange(path: string, told: () => void): void {
    const watching = this.#watches.get(path) ?? new Set()
    this.#watches.set(path, watching.add(told))
  }

  /** Drops the session, with its ephemeral nodes, and the connection. */
  endSession(): void {
    if (!this.#socket.destroyed) this.#socket.end(closeRequest(++this.#xid))
    this.#end(new ZooKeeperError('closed', 'the ZooKeeper client was closed'))
  }

  /** Drops the connection alone: the session lives on for its time. */
  drop(): void {
    this.#end(new ZooKeeperError('closed', 'the ZooKeeper client was closed'))
    this.#socket.destroy()
  }

  async #shakeHands({ sessionTimeoutMs, session, login }: ConnectionOptionsOfZooKeeper): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    this.#onHandshake = resolve
    this.#socket.write(connectRequest(sessionTimeoutMs, session))
    const reply = connectReply(await promise)
    if (reply.timeoutMs <= 0) {
      throw new ZooKeeperError('session-expired', `the session at ZooKeeper ${this.#endpoint} has expired`)
    }
    this.#session = reply.session
    this.#timeoutMs = reply.timeoutMs
    this.#pinging = setInterval(() => this.#ping(), reply.timeoutMs / 3)
    if (login !== undefined) await this.#authenticate(login)
  }

  #authenticate(login: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const what = `log-in at ${this.#endpoint}`
    this.#pending.set(xids.auth, { what, take: () => resolve(undefined), reject })
    this.#socket.write(authRequest(login))
    return promise
  }

  #ping(): void {
    if (performance.now() - this.#lastHeard > (this.#timeoutMs * 2) / 3) {
      this.#end(lost(this.#endpoint, `it gave no sign of life for ${Math.round((this.#timeoutMs * 2) / 3)} ms`))
      this.#socket.destroy()
      return
    }
    this.#socket.write(pingRequest)
  }

  #receive(chunk: Buffer): void {
    this.#lastHeard = performance.now()
    try {
      for (const body of this.#frames.add(chunk)) {
        if (this.#session === undefined) this.#onHandshake(body)
        else this.#reply(new JuteReader(body))
      }
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      this.#end(lost(this.#endpoint, `it sent what is no answer of ZooKeeper: ${cause.message}`, cause))
      this.#socket.destroy()
    }
  }

  #reply(reader: JuteReader): void {
    const xid = reader.int()
    reader.long()
    const code = reader.int()
    if (xid === xids.ping) return
    if (xid === xids.watchEvent) {
      this.#tell(reader)
      return
    }
    const pending = this.#pending.get(xid)
    this.#pending.delete(xid)
    if (pending === undefined) return
    if (code === 0) pending.take(reader)
    else pending.reject(replyError(code, pending.what))
  }

  #tell(reader: JuteReader): void {
    reader.int()
    reader.int()
    const path = reader.text()
    const told = this.#watches.get(path) ?? []
    this.#watches.delete(path)
    for (const tell of told) tell()
  }

  #end(error: ZooKeeperError): void {
    clearInterval(this.#pinging)
    this.#ended.resolve(error)
    for (const { what, reject } of this.#pending.values()) {
      const code = error.code === 'closed' ? 'closed' : 'unavailable'
      reject(new ZooKeeperError(code, `${what}: ${error.message}`, { cause: error, outcome: 'unknown' }))
    }
    this.#pending.clear()
    const watches = [...this.#watches.values()]
    this.#watches.clear()
    for (const watching of watches) for (const tell of watching) tell()
    if (error.code !== 'closed') this.#socket.destroy()
  }
}

function fail(error: ZooKeeperError): never {
  throw error
}

function lost(endpoint: string, why: string, cause?: Error): ZooKeeperError {
  return new ZooKeeperError('unavailable', `ZooKeeper at ${endpoint}: ${why}`, { cause })
}

function hostAndPort(endpoint: string): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${endpoint}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}
