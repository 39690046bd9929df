import { readFileSync } from 'node:fs'

/** Names one process for ever: a pid alone is given again to another. */
export interface ProcessIdentity {
  pid: number
  /** In clock ticks since boot, see proc_pid_stat(5). */
  startTime: string
  bootId: string
}

/** The identity of a running process, or undefined if there is none with that pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid)
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() }
}

/** True while that very process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime
}

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, and may hold anything, brackets and blanks too.
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = afterName[0]
    return state === 'Z' || state === 'X' ? undefined : afterName[19]
  } catch {
    return undefined
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
