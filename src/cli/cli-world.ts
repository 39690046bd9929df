import { createInterface } from 'node:readline'
import type { LoadedConfig } from '../config/load-config.ts'
import type { ConfigWorld } from '../config/world.ts'
import { thisMachine } from '../config/world.ts'

/** What the command line writes to. */
export interface Output {
  write(text: string): unknown
  /** Whether a person reads along; colours only then. */
  isTTY?: boolean
}

/** Starts the daemon and comes back when it has stopped, which the signal asks for. */
export type RunDaemon = (
  loaded: LoadedConfig,
  io: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream; signal: AbortSignal },
) => Promise<void>

/** What of the process the commands may touch: so that tests need no process. */
export interface CliWorld {
  machine: ConfigWorld
  stdout: Output & NodeJS.WritableStream
  stderr: Output & NodeJS.WritableStream
  /** The daemon, loaded only when it is served. */
  loadDaemon(): Promise<RunDaemon>
  /** Asks the person at the terminal; `nobody` where standard input or error is none. */
  confirm(question: string): Promise<'yes' | 'no' | 'nobody'>
  /** Calls back for each SIGINT and SIGTERM until the returned function is called. */
  onStopSignal(callback: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Ends the process at once. */
  exit(status: number): void
}

/** The real process. */
export function thisProcess(): CliWorld {
  return {
    machine: thisMachine(),
    stdout: process.stdout,
    stderr: process.stderr,
    loadDaemon: async () => (await import('../daemon/run-daemon.ts')).runDaemon,
    confirm,
    onStopSignal(callback) {
      process.on('SIGINT', callback).on('SIGTERM', callback)
      return () => void process.off('SIGINT', callback).off('SIGTERM', callback)
    },
    exit: status => process.exit(status),
  }
}

async function confirm(question: string): Promise<'yes' | 'no' | 'nobody'> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return 'nobody'
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const { promise, resolve } = Promise.withResolvers<string>()
  // The end of the input, or ^C, is no.
  lines.once('SIGINT', () => lines.close()).once('close', () => resolve(''))
  lines.question(`${question} [y/N] `, resolve)
  const answer = await promise
  lines.close()
  return /^y(es)?$/i.test(answer.trim()) ? 'yes' : 'no'
}
