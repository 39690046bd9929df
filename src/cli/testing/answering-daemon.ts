import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a daemon of a test was asked. */
export interface Asked {
  method: string
  path: string
  body: string
}

/** A server on a real socket that answers as a daemon would. */
export class AnsweringDaemon {
  readonly #directory = mkdtempSync(join(tmpdir(), 'kuryr-cli-'))
  #server: Server | undefined
  readonly asked: Asked[] = []

  /** A socket that nobody serves, until {@link serve}. */
  get uri(): string {
    return `unix://${this.#directory}/kuryr.sock`
  }

  /** The words that make a command ask this daemon. */
  get words(): string[] {
    return ['--set', `DEFAULT.kuryr_uri=${this.uri}`]
  }

  /** Answers requests so, on the socket, or on a port of loopback; returns the port. */
  async serve(answers: RequestListener, place: 'socket' | 'port' = 'socket'): Promise<number> {
    await this.stop()
    const server = createServer(answers)
    this.#server = server
    const where = place === 'socket' ? { path: `${this.#directory}/kuryr.sock` } : { port: 0, host: '127.0.0.1' }
    await new Promise<void>(resolve => server.listen(where, resolve))
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  /** Answers these paths with these values as JSON, each with status 200 or its own; anything else with 404. */
  serveJson(answers: Record<string, unknown>, status = 200): Promise<number> {
    return this.serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const [method, path] = [request.method ?? '', request.url ?? '']
        this.asked.push({ method, path, body })
        const known = `${method} ${path}` in answers
        response.statusCode = known ? status : 404
        response.end(JSON.stringify(known ? answers[`${method} ${path}`] : { Err: 'not found', Error: 'not found' }))
      })
    })
  }

  async stop(): Promise<void> {
    const running = this.#server
    this.#server = undefined
    if (!running) return
    running.closeAllConnections()
    await new Promise(resolve => running.close(resolve))
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#directory, { recursive: true })
  }
}
