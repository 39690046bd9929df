import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import { addressText, type EngineAddress, hostAndPort } from './engine-address.ts'
import { EngineError, engineErrorOf } from './engine-error.ts'
import { EngineUnavailableError, toEngineUnavailable } from './engine-unavailable.ts'

/** Paths of PEM files: the authority that the engine's certificate comes from, and ours with its key. */
export interface EngineTls {
  caFile: string
  certFile: string
  keyFile: string
}

/** One request, without the version of the API in its path. */
export interface EngineRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** Of constants and encoded parts only. */
  path: string
  body?: object
}

/** An answer of the engine, whatever its status. */
export interface EngineAnswer {
  status: number
  header: (name: string) => string | undefined
  text: string
}

/** How long a request may take: of all the requests that one call makes, together. */
export interface EngineLimits {
  signal?: AbortSignal
  /** The whole call's, in milliseconds, from `startedAt` on. */
  timeoutMs: number
  /** As of `performance.now()`. */
  startedAt: number
}

/** Far beyond any engine's answer about networks: 10,000 of them are 10 MB. */
const largestAnswer = 64 * 1024 * 1024

/** HTTP with one engine: deadlines, and the translation of what goes wrong on the way. */
export class EngineConnection {
  readonly address: EngineAddress
  readonly #pool: Pool
  readonly #closing = new AbortController()

  constructor(address: EngineAddress, tls?: EngineTls) {
    this.address = address
    const origin = address.kind === 'unix' ? 'docker' : hostAndPort(address)
    this.#pool = new Pool(`${tls === undefined ? 'http' : 'https'}://${origin}`, {
      connect: connector(address, tls),
      // Calls are few. A connection of its own for each is never one that a restarted engine has already dropped.
      pipelining: 0,
      // The call's deadline counts; an event stream has none and may be silent for days.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  /**
   * Sends a request and reads the whole answer.
   * @throws {EngineUnavailableError} when there is none before the deadline. @throws the reason of the call's signal.
   */
  async request(request: EngineRequest, limits: EngineLimits): Promise<EngineAnswer> {
    const { signal, timeoutMs } = limits
    const deadline = AbortSignal.timeout(remaining(limits))
    const stop = AbortSignal.any([deadline, this.#closing.signal, ...(signal ? [signal] : [])])
    try {
      const { statusCode, headers, body } = await this.#send(request, stop)
      const text = await readAll(body)
      return { status: statusCode, header: name => single(headers[name]), text }
    } catch (error) {
      signal?.throwIfAborted()
      throw this.#explained(error, request, deadline.aborted ? timeoutMs : undefined)
    }
  }

  /**
   * Sends a request whose answer never ends and returns it once it has begun; aborting `signal` ends it.
   * @throws {EngineUnavailableError} when it does not begin before the deadline. @throws {EngineError} when it is refused.
   */
  async stream(request: EngineRequest, limits: EngineLimits): Promise<Readable> {
    const { signal, timeoutMs } = limits
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), remaining(limits))
    const stop = AbortSignal.any([late.signal, this.#closing.signal, ...(signal ? [signal] : [])])
    try {
      const { statusCode, body } = await this.#send(request, stop)
      if (statusCode === 200) return body
      throw engineErrorOf(described(request), statusCode, await readAll(body))
    } catch (error) {
      signal?.throwIfAborted()
      throw this.#explained(error, request, late.signal.aborted ? timeoutMs : undefined)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Translates what broke off the stream of `request`. */
  broken(error: unknown, request: EngineRequest): Error {
    return this.#explained(error, request, undefined)
  }

  /** Ends all that runs. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#pool.destroy()
  }

  #send({ method, path, body }: EngineRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return this.#pool.request({ method, path, signal, ...content })
  }

  #explained(error: unknown, request: EngineRequest, timeoutMs: number | undefined): Error {
    const what = described(request)
    if (error instanceof EngineError) return error
    if (this.#closing.signal.aborted) {
      return new EngineUnavailableError(`${what}: the client of the Docker engine was closed`, { outcome: 'unknown' })
    }
    if (timeoutMs === undefined) return toEngineUnavailable(error, what, this.address)
    const message = `${what} at ${addressText(this.address)}: no answer within ${timeoutMs / 1000} s: does dockerd hang, or the plugin that it asks (see their logs)?`
    return new EngineUnavailableError(message, { cause: error, outcome: 'unknown' })
  }
}

/** What was asked, for messages. */
export function described({ method, path }: EngineRequest): string {
  return `Docker engine: ${method} ${path.replace(/\?.*/, '')}`
}

function remaining({ startedAt, timeoutMs }: EngineLimits): number {
  return Math.max(0, Math.ceil(startedAt + timeoutMs - performance.now()))
}

function connector(address: EngineAddress, tls: EngineTls | undefined): buildConnector.connector {
  const place = address.kind === 'unix' ? { socketPath: address.path } : {}
  if (tls === undefined) return buildConnector(place)
  // Read for each connection: certificates are renewed, and may be missing when the daemon starts.
  return (options, callback) => {
    try {
      const [ca, cert, key] = [tls.caFile, tls.certFile, tls.keyFile].map(file => readFileSync(file))
      buildConnector({ ...place, ca, cert, key, minVersion: 'TLSv1.2' })(options, callback)
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null)
    }
  }
}

async function readAll(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > largestAnswer) {
      throw new EngineError('unexpected', `the Docker engine's answer is longer than ${largestAnswer} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
