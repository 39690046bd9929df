import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What answers one request; gets the path without `/v1.NN`, and what was before it. */
export type Script = (request: { path: string; version: string; method: string }, response: ServerResponse) => void

/** An HTTP server on a Unix socket that says what no real engine can be made to say. */
export class ScriptedEngine implements AsyncDisposable {
  /** Each request: `GET 1.51 /info`. */
  readonly asked: string[] = []
  /** What it answers; may be changed at any time. */
  script: Script
  /** What `GET /_ping` tells; `undefined` leaves the header out. */
  apiVersion: string | undefined = '1.45'
  readonly #directory: string
  #server: Server | undefined

  private constructor(directory: string, script: Script) {
    this.#directory = directory
    this.script = script
  }

  static async start(script: Script): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(await mkdtemp(join(tmpdir(), 'kuryr-engine-')), script)
    await engine.listen()
    return engine
  }

  get host(): string {
    return `unix://${join(this.#directory, 'docker.sock')}`
  }

  async listen(): Promise<void> {
    this.#server = createServer(this.#listener)
    this.#server.listen(join(this.#directory, 'docker.sock'))
    await once(this.#server, 'listening')
  }

  /** As dockerd's end: connections break, the socket is gone. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.#directory, { recursive: true })
  }

  readonly #listener: RequestListener = (request, response) => {
    const [, version = '', path = ''] = /^(?:\/v(\d+\.\d+))?(\/[^?]*)/.exec(request.url ?? '') ?? []
    const method = request.method ?? ''
    this.asked.push([method, version, path].filter(part => part !== '').join(' '))
    if (path !== '/_ping') {
      this.script({ path, version, method }, response)
      return
    }
    if (this.apiVersion !== undefined) response.setHeader('Api-Version', this.apiVersion)
    response.end('OK')
  }
}

/** Answers as an engine does. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
