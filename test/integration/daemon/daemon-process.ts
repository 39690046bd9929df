import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'undici'
import type { DaemonStatus } from '../../../src/daemon/daemon-status.ts'

const kuryr = fileURLToPath(new URL('../../../bin/kuryr', import.meta.url))

/** What a test sets, by section. */
export type Settings = Readonly<Record<string, Readonly<Record<string, string | number>>>>

export interface PluginAnswer {
  status: number
  body: Record<string, unknown>
}

/**
 * `kuryr serve` as a process of its own, with a directory, ports and a `/run` of its own. It shares the loopback with the
 * test, so that a store of the test is in its reach; it plugs nothing. Needs root.
 */
export class DaemonProcess implements AsyncDisposable {
  readonly directory: string
  readonly socketPath: string
  readonly neutronPort: number
  readonly #settings: Settings
  #child: ChildProcess | undefined
  #output = ''
  #exit: Promise<number | null> = Promise.resolve(null)

  private constructor(directory: string, neutronPort: number, settings: Settings) {
    this.directory = directory
    this.socketPath = join(directory, 'kuryr.sock')
    this.neutronPort = neutronPort
    this.#settings = settings
  }

  /** Writes its configuration; does not start it. */
  static async create(settings: Settings = {}): Promise<DaemonProcess> {
    const daemon = new DaemonProcess(await mkdtemp(join(tmpdir(), 'kuryr-daemon-test-')), await freePort(), settings)
    await daemon.configure({})
    return daemon
  }

  get configFile(): string {
    return join(this.directory, 'kuryr.conf')
  }

  /** All that it wrote to its standard outputs. */
  get output(): string {
    return this.#output
  }

  /** Writes the configuration anew. */
  async configure(different: Settings): Promise<void> {
    const { directory, neutronPort } = this
    const base: Settings = {
      DEFAULT: { kuryr_uri: `unix://${this.socketPath}`, state_path: directory, host: 'daemon-test', call_timeout: 3 },
      store: { url: `sqlite://${join(directory, 'neutron.db')}` },
      neutron_service: { bind: `127.0.0.1:${neutronPort}` },
      fabric: { local_ip: '127.0.0.1' },
    }
    const names = new Set([base, this.#settings, different].flatMap(settings => Object.keys(settings)))
    const sections = [...names].map(name => {
      const options = { ...base[name], ...this.#settings[name], ...different[name] }
      return `[${name}]\n${Object.entries(options)
        .map(([option, value]) => `${option} = ${value}\n`)
        .join('')}`
    })
    await writeFile(this.configFile, sections.join('\n'))
  }

  /** Starts it, and waits until its socket is there. @throws {Error} with its output when it ends instead. */
  async start(): Promise<void> {
    this.launch()
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (existsSync(this.socketPath)) return
      const ended = await Promise.race([this.#exit, sleep(25)])
      if (ended !== undefined) throw new Error(`the daemon ended with ${ended}: ${this.#output}`)
    }
    throw new Error(`the daemon did not open its socket: ${this.#output}`)
  }

  /** Starts it, and waits for nothing. */
  launch(): void {
    const own = 'mount -t tmpfs tmpfs /run && exec "$0" serve --config-file "$1"'
    const child = spawn('unshare', ['--mount', 'sh', '-c', own, kuryr, this.configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (this.#output += data.toString()))
    this.#exit = once(child, 'close').then(() => child.exitCode)
    this.#child = child
  }

  /** The status with which it ends by itself. */
  exited(): Promise<number | null> {
    return this.#exit
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#child?.kill(signal)
    return this.#exit
  }

  /** A call of Docker. */
  async call(method: string, message: object = {}): Promise<PluginAnswer> {
    return this.#request({ method: 'POST', path: `/${method}`, body: JSON.stringify(message) })
  }

  /** What `kuryr status` reads. */
  async status(): Promise<DaemonStatus> {
    const { body } = await this.#request({ method: 'GET', path: '/kuryr/status' })
    return body as unknown as DaemonStatus
  }

  readLog(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
    await rm(this.directory, { recursive: true, force: true })
  }

  async #request(request: { method: 'GET' | 'POST'; path: string; body?: string }): Promise<PluginAnswer> {
    const client = new Client('http://plugin', { socketPath: this.socketPath })
    try {
      const { statusCode, body } = await client.request(request)
      return { status: statusCode, body: (await body.json()) as Record<string, unknown> }
    } finally {
      await client.close()
    }
  }
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
