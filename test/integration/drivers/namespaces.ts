import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Network namespaces can be made by root alone. */
export const isRoot = process.getuid?.() === 0
/** Names of this run begin with it; those of a run whose process is gone are removed by {@link removeNamespaces}. */
export const runPrefix = `kdt${process.pid}`

/** Runs a program; its standard output. */
export async function run(program: string, ...args: string[]): Promise<string> {
  return (await exec(program, args)).stdout
}

/** Runs a program in a namespace; its standard output. */
export function inNamespace(namespace: string, program: string, ...args: string[]): Promise<string> {
  return run('nsenter', `--net=/run/netns/${namespace}`, '--', program, ...args)
}

/** Removes the namespaces of this run and of earlier ones that crashed. */
export async function removeNamespaces(): Promise<void> {
  for (const name of await readdir('/run/netns').catch(() => [])) {
    const pid = Number(/^kdt(\d+)[a-z]/.exec(name)?.[1] ?? Number.NaN)
    if (pid === process.pid || (pid > 0 && !isAlive(pid))) await run('ip', 'netns', 'del', name)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
