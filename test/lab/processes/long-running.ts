import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { systemPath } from './run-program.ts'
import { waitUntil } from './wait-until.ts'

export interface LongRunningProgram {
  /** For messages, such as "dockerd of node1". */
  name: string
  program: string
  args: readonly string[]
  environment: Record<string, string>
  /** What it prints is added to this file. */
  logFile: string
}

/**
 * A program that runs until it is ended, in a session of its own: a Ctrl-C for the owner does not reach it, and it can
 * outlive the owner.
 */
export class LongRunning {
  readonly name: string
  readonly logFile: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(program: LongRunningProgram, child: ChildProcess) {
    this.name = program.name
    this.logFile = program.logFile
    this.#child = child
    this.#ended = once(child, 'exit')
  }

  /** Starts it and returns as soon as it runs; it need not be ready then. */
  static async start(program: LongRunningProgram): Promise<LongRunning> {
    const log = openSync(program.logFile, 'a')
    const child = spawn(program.program, program.args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: systemPath(), ...program.environment },
    })
    closeSync(log)
    await once(child, 'spawn')
    child.unref()
    return new LongRunning(program, child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves when `check` gives true; rejects with the end of the log if the program ends or is too slow. */
  async ready(deadline: number, check: () => Promise<boolean>): Promise<void> {
    try {
      await waitUntil(`${this.name} did not become ready`, deadline, async () => {
        if (!this.running) return 'ended'
        return (await check()) ? 'ready' : undefined
      }).then(state => {
        if (state === 'ended') throw new Error(`${this.name} ended while it started (${this.#howItEnded()})`)
      })
    } catch (error) {
      const log = await readFile(this.logFile, 'utf8').catch(() => '')
      const said = log.trimEnd().split('\n').slice(-12).join('\n  ')
      throw new Error(`${(error as Error).message}; the end of ${this.logFile}:\n  ${said}`, { cause: error })
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal)
  }

  /** Asks it to end and, when it has not after `patience` milliseconds, kills it. Returns false if it had to be killed. */
  async stop(patience: number): Promise<boolean> {
    if (!this.running) return true
    this.#child.ref()
    this.signal('SIGTERM')
    const late = setTimeout(() => this.signal('SIGKILL'), patience)
    await this.#ended
    clearTimeout(late)
    return this.#child.signalCode !== 'SIGKILL'
  }

  /** Ends it as a crash would, and waits for the end. */
  async kill(): Promise<void> {
    if (!this.running) return
    this.#child.ref()
    this.signal('SIGKILL')
    await this.#ended
  }

  #howItEnded(): string {
    return this.#child.signalCode ?? `status ${this.#child.exitCode ?? 'unknown'}`
  }
}
