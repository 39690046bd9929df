import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { Client, type Dispatcher } from 'undici'
import { vi } from 'vitest'
import { outputOf } from '../../lab/processes/run-program.ts'

/** What the daemon answered: `body` is the JSON, `text` the same unread. */
export interface DaemonAnswer {
  status: number
  text: string
  body: Record<string, unknown>
}

const kuryr = fileURLToPath(new URL('../../../bin/kuryr', import.meta.url))
/** Carries the bytes between a Unix socket, which any namespace reaches, and a port on the namespace's own loopback. */
const relay = `require('net').createServer(s => {
  const t = require('net').connect(9696, '127.0.0.1'); s.pipe(t).pipe(s); for (const x of [s, t]) x.on('error', () => { s.destroy(); t.destroy() })
}).listen(process.argv[1])`

/**
 * The whole daemon as its own process (`bin/kuryr serve`), with a network namespace, a `/run` and a SQLite file of its
 * own, so that it touches nothing of this machine. Needs root.
 */
export class PrivateDaemon implements AsyncDisposable {
  readonly directory: string
  readonly #heapLimit: number | undefined
  #daemon: ChildProcess | undefined
  #relay: ChildProcess | undefined
  #keeper: ChildProcess | undefined
  #clients: { plugin: Client; neutron: Client } | undefined

  private constructor(directory: string, heapLimit: number | undefined) {
    this.directory = directory
    this.#heapLimit = heapLimit
  }

  /**
   * Makes the namespaces and starts the daemon in them.
   * @param options.heapLimit MiB of JavaScript objects that may live at once: a daemon that needs more dies.
   */
  static async open(options: { heapLimit?: number } = {}): Promise<PrivateDaemon> {
    const daemon = new PrivateDaemon(await mkdtemp(join(tmpdir(), 'kuryr-private-')), options.heapLimit)
    try {
      await daemon.#makeNamespaces()
      await daemon.start()
      return daemon
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
  }

  get socketPath(): string {
    return join(this.directory, 'kuryr.sock')
  }

  /** Starts the daemon, and waits until it answers Docker and serves Neutron's API. */
  async start(): Promise<void> {
    const log = await open(this.#logFile, 'a')
    const command = ['--net', '--mount', kuryr, 'serve', '--config-file', this.#configFile]
    const daemon = spawn('nsenter', ['--target', String(this.#keeper?.pid), ...command], {
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...process.env,
        ...(this.#heapLimit !== undefined && { NODE_OPTIONS: heapOptions(this.#heapLimit) }),
      },
    })
    this.#daemon = daemon
    await log.close()
    const neutron = join(this.directory, `neutron-${daemon.pid ?? 0}.sock`)
    this.#relay = spawn('nsenter', [...this.#inside, process.execPath, '-e', relay, neutron], { stdio: 'inherit' })
    this.#clients = {
      plugin: new Client('http://plugin', { socketPath: this.socketPath, bodyTimeout: 60_000 }),
      neutron: new Client('http://localhost', { socketPath: neutron }),
    }
    await vi.waitFor(
      async () => {
        if (daemon.exitCode !== null) throw new Error(`the daemon ended: ${readFileSync(this.#logFile, 'utf8')}`)
        await this.neutron('GET', '/v2.0/networks')
        await this.call('Plugin.Activate', '')
      },
      { timeout: 20_000, interval: 100 },
    )
  }

  /** Stops the daemon as systemd does; its state stays. @returns the exit status. */
  async stop(): Promise<number | null> {
    await this.#clients?.plugin.destroy()
    await this.#clients?.neutron.destroy()
    await ended(this.#relay)
    const status = await ended(this.#daemon)
    this.#relay = this.#daemon = this.#clients = undefined
    return status
  }

  /** A call of Docker. A text or bytes are sent as they are. */
  async call(method: string, message: object | string | Buffer): Promise<DaemonAnswer> {
    const body = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)
    return this.#send(this.#clients?.plugin, { method: 'POST', path: `/${method}`, body })
  }

  /** A request to Neutron's API. @throws {Error} for any answer but success. */
  async neutron(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<Record<string, unknown>> {
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await this.#send(this.#clients?.neutron, { method, path, body: text })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** All networks, subnets, subnet pools and ports with their tags, by Neutron's API, in the order of their ids. */
  async resources(): Promise<Record<string, unknown>> {
    const dump: Record<string, unknown> = {}
    for (const collection of ['networks', 'subnets', 'subnetpools', 'ports']) {
      const answer = await this.neutron('GET', `/v2.0/${collection}?sort_key=id&sort_dir=asc`)
      dump[collection] = answer[collection]
    }
    return dump
  }

  /** The interfaces of the daemon's host and of every network's namespace there. */
  async kernelState(): Promise<Record<string, string[]>> {
    const links = async (...namespace: string[]): Promise<string[]> => {
      const text = await outputOf('nsenter', [...this.#inside, 'ip', '-j', ...namespace, 'link', 'show'])
      return (JSON.parse(text) as { ifname: string }[]).map(({ ifname }) => ifname).sort()
    }
    const listed = await outputOf('nsenter', [...this.#inside, 'ls', '/run/netns'])
    const state: Record<string, string[]> = { host: await links() }
    for (const name of listed.split('\n').filter(Boolean)) state[name] = await links('-n', name)
    return state
  }

  /** Memory that the daemon holds at this moment, in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#daemon?.pid ?? 0}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  /** What the daemon logged as its own fault (level `error` and above), at most `most` lines. */
  async faults(most = 20): Promise<string[]> {
    const found: string[] = []
    for await (const line of createInterface({ input: createReadStream(this.#logFile) })) {
      if (/^\{"level":[56]0|^[^{]/.test(line) && found.length < most) found.push(line)
    }
    return found
  }

  /**
   * The keys of the store (those of `head` and of the hosts' heartbeat apart) with their values. The daemon must be
   * stopped: it owns its file.
   */
  storedEntries(): Record<string, string> {
    using database = new DatabaseSync(join(this.directory, 'neutron.db'))
    const rows = database.prepare(`SELECT key, value FROM entry ORDER BY key`).all()
    const entries = rows.map(({ key, value }) => [String(key), String(value)] as const)
    return Object.fromEntries(entries.filter(([key]) => key !== 'head' && !key.startsWith('agents')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await ended(this.#keeper)
    await rm(this.directory, { recursive: true, force: true })
  }

  /** A process holds the namespaces, so that the daemon can be restarted in them; with it they vanish. */
  async #makeNamespaces(): Promise<void> {
    const lines = [
      '[DEFAULT]',
      `kuryr_uri = unix://${this.socketPath}`,
      `state_path = ${this.directory}`,
      'host = private',
      '[store]',
      `url = sqlite://${this.directory}/neutron.db`,
    ]
    await writeFile(this.#configFile, `${lines.join('\n')}\n`)
    const script = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set dev lo up && echo ready && exec cat'
    const keeper = spawn('unshare', ['--net', '--mount', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#keeper = keeper
    const [said] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'close')])) as [unknown]
    if (String(said).trim() !== 'ready') throw new Error(`cannot make namespaces: unshare ended with ${String(said)}`)
  }

  async #send(
    client: Client | undefined,
    request: { method: Dispatcher.HttpMethod; path: string; body: string | Buffer | null },
  ): Promise<DaemonAnswer> {
    if (client === undefined) throw new Error('the daemon is stopped')
    const response = await client.request(request)
    const text = await response.body.text()
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { status: response.statusCode, text, body }
  }

  get #inside(): string[] {
    return ['--target', String(this.#keeper?.pid), '--net', '--mount']
  }

  get #configFile(): string {
    return join(this.directory, 'kuryr.conf')
  }

  get #logFile(): string {
    return join(this.directory, 'kuryr.log')
  }
}

/** V8 makes the young generation small with the old one, which then costs most of the time: it stays as it is by default. */
function heapOptions(mebibytes: number): string {
  return `--max-old-space-size=${mebibytes} --max-semi-space-size=16`
}

/** Ends a process that was started here; its exit status. */
async function ended(child: ChildProcess | undefined): Promise<number | null> {
  if (child === undefined) return null
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const gone = once(child, 'close')
  const last = setTimeout(() => child.kill('SIGKILL'), 15_000)
  child.kill('SIGTERM')
  await gone
  clearTimeout(last)
  return child.exitCode
}
