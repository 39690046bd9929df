import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Client } from 'undici'
import { LongRunning } from '../processes/long-running.ts'
import type { HostNamespaces } from './host-namespaces.ts'

/** Sections of a kuryr.conf: `{ DEFAULT: { debug: 'true' } }`. */
export type KuryrOptions = Record<string, Record<string, string>>

/** The options with others added or put in their place. */
export function withChanges(options: KuryrOptions, changes: KuryrOptions): KuryrOptions {
  const sections = new Set([...Object.keys(options), ...Object.keys(changes)])
  return Object.fromEntries([...sections].map(section => [section, { ...options[section], ...changes[section] }]))
}

export interface KuryrDaemonPlan {
  hostName: string
  directory: string
  namespaces: HostNamespaces
  options: KuryrOptions
}

/** The checkout that this file is in: what is tested is what is there. */
const repository = path.resolve(import.meta.dirname, '../../..')

/** The kuryr of one host, as an operator runs it: `kuryr serve --config-file F`. */
export class KuryrDaemon {
  readonly configFile: string
  readonly logFile: string
  readonly stateDirectory: string
  readonly #plan: KuryrDaemonPlan
  #options: KuryrOptions
  #process: LongRunning | undefined

  constructor(plan: KuryrDaemonPlan) {
    this.#plan = plan
    this.#options = plan.options
    this.configFile = path.join(plan.directory, 'kuryr.conf')
    this.logFile = path.join(plan.directory, 'kuryr.log')
    this.stateDirectory = path.join(plan.directory, 'state')
  }

  get running(): boolean {
    return this.#process?.running ?? false
  }

  /** The process's id; 0 before the first start. */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** Writes its configuration, with these options changed from now on; a running daemon goes on with the old one. */
  async configure(changes: KuryrOptions = {}): Promise<void> {
    this.#options = withChanges(this.#options, changes)
    await mkdir(this.stateDirectory, { recursive: true })
    await writeFile(this.configFile, configurationText(this.#options))
  }

  /** The command line of `kuryr` with the given words and its configuration. */
  commandLine(words: readonly string[]): [string, ...string[]] {
    return [path.join(repository, 'bin/kuryr'), ...words, '--config-file', this.configFile]
  }

  /** Writes its configuration, starts it, and waits until its plugin socket answers. */
  async start(): Promise<void> {
    await this.configure()
    const { program, args, environment } = this.#plan.namespaces.enter(this.commandLine(['serve']))
    const name = `kuryr of ${this.#plan.hostName}`
    this.#process = await LongRunning.start({ name, program, args, environment, logFile: this.logFile })
    await this.#process.ready(30_000, () => this.#activates())
  }

  /** Ends it as an operator does. Returns false if it had to be killed. */
  async stop(): Promise<boolean> {
    return (await this.#process?.stop(15_000)) ?? true
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Forgets everything that it keeps on this host; only while it is down. */
  async wipeState(): Promise<void> {
    if (this.running) throw new Error(`kuryr of ${this.#plan.hostName} runs: stop it before its state is wiped`)
    await rm(this.stateDirectory, { recursive: true, force: true })
  }

  /** Asks the daemon over its plugin socket, as `kuryr status` does: `ask('GET', '/kuryr/networks')`. Every status is an answer. */
  async ask(method: 'GET' | 'POST', resource: string, body?: unknown): Promise<{ status: number; text: string }> {
    const client = new Client('http://plugin', {
      socketPath: this.#plan.namespaces.outside('/run/docker/plugins/kuryr.sock'),
    })
    try {
      const content = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await client.request({ method, path: resource, ...content })
      return { status: answer.statusCode, text: await answer.body.text() }
    } finally {
      await client.destroy()
    }
  }

  async #activates(): Promise<boolean> {
    const socketPath = this.#plan.namespaces.outside('/run/docker/plugins/kuryr.sock')
    const client = new Client('http://plugin', { socketPath, headersTimeout: 5000 })
    try {
      const answer = await client.request({ method: 'POST', path: '/Plugin.Activate' })
      await answer.body.dump()
      return answer.statusCode === 200
    } finally {
      await client.destroy()
    }
  }
}

function configurationText(options: KuryrOptions): string {
  const sections = Object.entries(options).map(([section, values]) => {
    const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}\n`)
    return `[${section}]\n${lines.join('')}`
  })
  return sections.join('\n')
}
