import { spawn } from 'node:child_process'
import { HostNetworkError } from './host-network-error.ts'

export interface Command {
  program: string
  args: string[]
  /** Written to the program's standard input, which is then closed. */
  input?: string
  /** After this many milliseconds the program is killed and the call rejects. */
  deadline: number
  signal?: AbortSignal
}

/** A program that ended with another status than 0, or was killed. */
export class CommandFailed extends Error {
  readonly output: string

  constructor(command: Command, how: string, output: string) {
    super(`${inWords(command)} ${how}${output === '' ? '' : `: ${output}`}`)
    this.name = 'CommandFailed'
    this.output = output
  }
}

/**
 * Runs a program with an argument list (there is no shell) and returns what it printed.
 * @throws CommandFailed with its error output, or HostNetworkError if it cannot be started, is too slow or was aborted.
 */
export function runCommand(command: Command): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const deadline = AbortSignal.timeout(command.deadline)
  const signal = command.signal === undefined ? deadline : AbortSignal.any([deadline, command.signal])
  const child = spawn(command.program, command.args, { env: environment(), signal, killSignal: 'SIGKILL' })
  const output: Buffer[] = []
  const complaints: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  // A program that ends before it has read everything gives EPIPE; its exit status tells the reason.
  child.stdin.on('error', () => undefined)
  child.once('error', error => reject(startFailure(command, error, deadline.aborted)))
  child.once('close', (status, killedBy) => {
    if (status === 0) {
      resolve(Buffer.concat(output).toString())
      return
    }
    const how = status === null ? `was killed by ${String(killedBy)}` : `ended with status ${status}`
    reject(new CommandFailed(command, how, Buffer.concat(complaints).toString().trim()))
  })
  child.stdin.end(command.input ?? '')
  return promise
}

/** The command as one would type it, for messages. */
export function inWords(command: Pick<Command, 'program' | 'args' | 'input'>): string {
  const line = [command.program, ...command.args].join(' ')
  const [first, ...rest] = (command.input ?? '').trimEnd().split('\n')
  if (first === undefined || first === '') return line
  return `${line} <<< '${first}'${rest.length > 0 ? ` (and ${rest.length} lines more)` : ''}`
}

function startFailure(command: Command, error: Error, late: boolean): HostNetworkError {
  if ('code' in error && error.code === 'ENOENT') {
    const advice = `install it (Debian: iproute2, procps, util-linux, ethtool)`
    return new HostNetworkError('program-missing', `the program ${command.program} is not on this host: ${advice}`)
  }
  if (late) return new HostNetworkError('deadline', `${inWords(command)} did not end within ${command.deadline} ms`)
  if (error.name === 'AbortError') return new HostNetworkError('aborted', `${inWords(command)} was aborted`)
  return new HostNetworkError('other', `${inWords(command)} cannot be started: ${error.message}`)
}

/** Messages are read by code, so never translated; and a daemon's PATH often lacks the system directories. */
function environment(): NodeJS.ProcessEnv {
  return { LC_ALL: 'C', PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` }
}
