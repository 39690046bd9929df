import { Writable } from 'node:stream'
import { machineWith } from '../../config/testing/machine.ts'
import type { CliWorld, RunDaemon } from '../cli-world.ts'
import { runCommandLine } from '../program.ts'

/** A stream that keeps what is written. */
export class Recorder extends Writable {
  text = ''
  isTTY: boolean

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** What a test gives to the command line, and reads from it afterwards. */
export interface TestWorld extends CliWorld {
  stdout: Recorder
  stderr: Recorder
  /** As if the process got the signal. */
  signal(name: 'SIGINT' | 'SIGTERM'): void
  exits: number[]
  /** The questions to the person at the terminal. */
  asked: string[]
}

/** A process made of what the test says. */
export function worldOf(given: {
  files?: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string>>
  daemon?: RunDaemon
  tty?: boolean
  /** What the person at the terminal answers; nobody is there by default. */
  answer?: 'yes' | 'no'
}): TestWorld {
  const listeners = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>()
  const exits: number[] = []
  const asked: string[] = []
  return {
    machine: machineWith(given),
    stdout: new Recorder(given.tty),
    stderr: new Recorder(given.tty),
    loadDaemon: () => Promise.resolve(given.daemon ?? (() => Promise.resolve())),
    confirm: question => {
      asked.push(question)
      return Promise.resolve(given.answer ?? 'nobody')
    },
    asked,
    onStopSignal(callback) {
      listeners.add(callback)
      return () => void listeners.delete(callback)
    },
    exit: status => void exits.push(status),
    signal: name => listeners.forEach(listener => listener(name)),
    exits,
  }
}

/** Runs the words after `kuryr` and answers what came of it. */
export async function run(
  words: string[],
  world: TestWorld,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const status = await runCommandLine(words, world)
  return { status, stdout: world.stdout.text, stderr: world.stderr.text }
}
