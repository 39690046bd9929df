import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, type Dispatcher, request } from 'undici'
import type { Logger } from 'pino'
import type { ClientTls } from './cloud.ts'
import { OpenStackError } from './openstack-error.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  /** For messages: `Neutron`, `Keystone`. */
  service: string
  headers?: Record<string, string>
  /** Sent as JSON. */
  body?: object
  signal: AbortSignal
}

export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  text: string
}

type HttpLog = Pick<Logger, 'debug'>

/** What a service may say, in bytes: more is no answer to what we ask. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * HTTP to OpenStack's services: a pool of connections per service, kept open between requests. Each request carries an
 * id of its own, which the services log beside theirs. No body and no header reaches our log.
 */
export class HttpClient {
  readonly #dispatcher: Dispatcher
  readonly #log: HttpLog

  /** @throws {OpenStackError} `misconfigured` when a certificate file cannot be read */
  constructor({ tls, log }: { tls: ClientTls; log: HttpLog }) {
    this.#log = log
    this.#dispatcher = new Agent({
      connections: 16,
      connect: { timeout: 5000, rejectUnauthorized: !tls.insecure, ...tlsFiles(tls) },
      keepAliveTimeout: 30_000,
    })
  }

  /** @throws {OpenStackError} `unreachable`, `untrusted`, `no answer`; the signal's reason once it has aborted. */
  async send({ method, url, service, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
    signal.throwIfAborted()
    const requestId = `req-${randomUUID()}`
    const path = new URL(url).pathname
    const start = performance.now()
    const about = { service, method, path, requestId }
    const all = {
      accept: 'application/json',
      'x-openstack-request-id': requestId,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    }
    try {
      const options = { dispatcher: this.#dispatcher, method, headers: all, signal, headersTimeout: 0, bodyTimeout: 0 }
      const answer = await request(url, { ...options, ...(body && { body: JSON.stringify(body) }) })
      const text = await textOf(answer)
      const milliseconds = Math.round(performance.now() - start)
      const serverRequestId = answer.headers['x-openstack-request-id']
      this.#log.debug({ ...about, status: answer.statusCode, milliseconds, serverRequestId }, 'OpenStack answered')
      return { status: answer.statusCode, headers: flat(answer.headers), text }
    } catch (error) {
      this.#log.debug(
        { ...about, milliseconds: Math.round(performance.now() - start), err: error },
        'OpenStack did not answer',
      )
      if (signal.aborted) throw signal.reason
      throw failure(error, { service, url, requestId })
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }
}

/** Codes of errors before a connection stood: nothing was asked. */
const BEFORE_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/

/** Codes of OpenSSL's verdicts on a certificate, and of a peer that speaks no TLS. */
const TLS_FAILURE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH)/

function failure(
  error: unknown,
  { service, url, requestId }: { service: string; url: string; requestId: string },
): Error {
  const { origin } = new URL(url)
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  const where = `${service} at ${origin}`
  if (TLS_FAILURE.test(code)) {
    const todo = 'check [neutron] cafile, certfile and keyfile, and the clocks of both machines'
    return new OpenStackError('untrusted', `no trust in ${where}: ${message} (${code}): ${todo}`, { cause: error })
  }
  if (BEFORE_CONNECTION.test(code)) {
    return new OpenStackError('unreachable', `cannot connect to ${where}: ${message || code}`, { cause: error })
  }
  return new OpenStackError('no answer', `the connection to ${where} broke: ${message} (request ${requestId})`, {
    cause: error,
  })
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

async function textOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    const buffer = chunk as Buffer
    bytes += buffer.length
    if (bytes > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes`)
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString()
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

function tlsFiles({ caFile, certFile, keyFile }: ClientTls): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(caFile !== undefined && { ca: pem('cafile', caFile) }),
    ...(certFile !== undefined && { cert: pem('certfile', certFile) }),
    // A certificate file may hold its key too, as Python's ssl module takes it.
    ...((keyFile ?? certFile) !== undefined && { key: pem('keyfile', keyFile ?? certFile ?? '') }),
  }
}

function pem(option: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new OpenStackError('misconfigured', `${option}: expected a PEM file, cannot read ${file}`, { cause })
  }
}
