import { spawn } from 'node:child_process'

export interface ProgramRun {
  /** Directory to run in; the caller's if absent. */
  cwd?: string
  /** Added to this process's environment. */
  environment?: Record<string, string>
  /** Written to the program's standard input, which is then closed. */
  input?: string
  /** After this many milliseconds the program is killed; 120 000 if absent. */
  deadline?: number
}

/** What a program printed and how it ended; `exitCode` is 128 + 9 for one that was killed at its deadline. */
export interface ProgramResult {
  stdout: string
  stderr: string
  exitCode: number
}

/** A program of the lab that ended with another status than 0. */
export class ProgramFailed extends Error {
  readonly result: ProgramResult

  constructor(commandLine: string, result: ProgramResult) {
    const said = result.stderr.trim() || result.stdout.trim() || 'it printed nothing'
    super(`${commandLine} ended with status ${result.exitCode}, expected 0: ${said}`)
    this.name = 'ProgramFailed'
    this.result = result
  }
}

/** Runs a program with an argument list to its end, whatever its status. Rejects only if it cannot be started. */
export function runProgram(program: string, args: readonly string[], run: ProgramRun = {}): Promise<ProgramResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>()
  const child = spawn(program, args, {
    cwd: run.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', PATH: systemPath(), ...run.environment },
    timeout: run.deadline ?? 120_000,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A program that ends before it has read everything gives EPIPE; its exit status tells the reason.
  child.stdin.on('error', () => undefined)
  child.once('error', error => reject(new Error(`cannot start ${program}: ${error.message}`, { cause: error })))
  child.once('close', status => {
    resolve({
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
      exitCode: status ?? 137,
    })
  })
  child.stdin.end(run.input ?? '')
  return promise
}

/** As {@link runProgram}, and returns what it printed. @throws ProgramFailed for any status but 0. */
export async function outputOf(program: string, args: readonly string[], run: ProgramRun = {}): Promise<string> {
  const result = await runProgram(program, args, run)
  if (result.exitCode !== 0) throw new ProgramFailed([program, ...args].join(' '), result)
  return result.stdout
}

/** The PATH of this process with the system directories, which a user's PATH often lacks. */
export function systemPath(): string {
  return `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`
}
