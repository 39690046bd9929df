import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { SecureContextOptions, TlsOptions } from 'node:tls'

/** What goes wrong with a request. */
export type Fault =
  /** Carried out and answered only after so many milliseconds, even if nobody waits any more. */
  | { kind: 'late'; milliseconds: number }
  /** Answered by the proxy alone. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Carried out, but answered with another status, as a gateway does that lost patience. */
  | { kind: 'status after'; status: number }
  /** Carried out, but the connection breaks before (or in the middle of) the answer. */
  | { kind: 'no answer' }
  | { kind: 'half an answer' }
  /** Something else happens first, and then what would have happened. */
  | { kind: 'first'; act: () => Promise<unknown> }

/** A request as the proxy sees it. */
export interface SeenRequest {
  method: string
  /** Path and query. */
  target: string
  headers: IncomingMessage['headers']
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

/** An HTTP proxy before a service, in which things go wrong. */
export class FaultProxy {
  readonly #target: URL
  readonly #server: Server
  readonly #secure: boolean
  readonly #seen: SeenRequest[] = []
  readonly #underWay = new Set<Promise<void>>()
  #choose: (request: SeenRequest) => Fault | undefined = () => undefined
  #rewrite: (body: string, request: SeenRequest) => string = body => body

  private constructor(target: string, tls: (SecureContextOptions & TlsOptions) | undefined) {
    this.#target = new URL(target)
    this.#secure = tls !== undefined
    const serve: RequestListener = (incoming, response) => {
      const work = this.#serve(incoming, response)
        .catch(() => void response.destroy())
        .finally(() => this.#underWay.delete(work))
      this.#underWay.add(work)
    }
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve)
  }

  /** Listens on a free port of loopback; over TLS if `tls` is given. */
  static async to(target: string, tls?: SecureContextOptions & TlsOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, tls)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** Its address, with the path of the service. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http${this.#secure ? 's' : ''}://127.0.0.1:${port}${this.#target.pathname.replace(/\/$/, '')}`
  }

  get seen(): readonly SeenRequest[] {
    return this.#seen
  }

  /** From now on `choose` says what goes wrong with a request; nothing before. */
  inject(choose: (request: SeenRequest) => Fault | undefined): void {
    this.#choose = choose
  }

  /** From now on answers have the text that `rewrite` gives. */
  rewrite(rewrite: (body: string, request: SeenRequest) => string): void {
    this.#rewrite = rewrite
  }

  heal(): void {
    this.#choose = () => undefined
    this.#rewrite = body => body
  }

  /** Resolves when everything that came is carried out, also what nobody waits for any more. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  async close(): Promise<void> {
    this.#server.close()
    if ('closeAllConnections' in this.#server) (this.#server as ReturnType<typeof createServer>).closeAllConnections()
    await once(this.#server, 'close')
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = '/', headers } = incoming
    const seen = { method, target, headers }
    const body = await bodyOf(incoming)
    this.#seen.push(seen)
    const fault = this.#choose(seen)
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '')
      return
    }
    if (fault?.kind === 'late') await new Promise(resolve => setTimeout(resolve, fault.milliseconds))
    if (fault?.kind === 'first') await fault.act()
    const answer = await this.#forward(seen, body)
    const text = Buffer.from(this.#rewrite(answer.body.toString(), seen))
    const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers
    const whole = { ...kept, 'content-length': String(text.length) }
    if (fault?.kind === 'no answer') response.destroy()
    else if (fault?.kind === 'status after') response.writeHead(fault.status).end()
    else if (fault?.kind === 'half an answer') {
      response.writeHead(answer.status, { ...whole, 'content-length': String(text.length + 10) })
      response.write(text.subarray(0, Math.ceil(text.length / 2)), () => response.destroy())
    } else response.writeHead(answer.status, whole).end(text)
  }

  async #forward({ method, target, headers }: SeenRequest, body: Buffer): Promise<Answer> {
    const { hostname, port } = this.#target
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const outgoing = request({ hostname, port, method, path: target, headers, agent: false }, answer => {
      bodyOf(answer).then(
        whole => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: whole }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
    return promise
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
