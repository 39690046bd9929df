import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { identityOf, isRunning, type ProcessIdentity } from '../processes/process-identity.ts'
import { labNamespaceLinks } from './lab-namespaces.ts'
import { controlGroup, labMark } from './lab-record.ts'

/**
 * The processes of a lab: those with its mark in their environment, those in the mount namespace of such a one or in one
 * of its network namespaces (a program may clear its environment: Neutron's write their title over it), and the
 * containers, which are below the lab's control group.
 */
export function labProcesses(id: string): ProcessIdentity[] {
  const own = readlinkSync('/proc/self/ns/mnt')
  const all = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const marked = all.filter(pid => read(pid, 'environ').split('\0').includes(`${labMark}=${id}`))
  const namespaces = new Set(
    marked.map(pid => namespaceOf(pid, 'mnt')).filter(namespace => namespace !== '' && namespace !== own),
  )
  const networks = labNamespaceLinks(id)
  const belongs = all.filter(
    pid =>
      marked.includes(pid) ||
      namespaces.has(namespaceOf(pid, 'mnt')) ||
      networks.has(namespaceOf(pid, 'net')) ||
      read(pid, 'cgroup').includes(controlGroup(id)),
  )
  return belongs
    .filter(pid => Number(pid) !== process.pid)
    .map(pid => identityOf(Number(pid)))
    .filter(identity => identity !== undefined)
}

/** Kills all of them, and what they start meanwhile. @throws Error if some do not die within ten seconds. */
export async function killLabProcesses(id: string): Promise<void> {
  const end = performance.now() + 10_000
  for (;;) {
    const left = labProcesses(id)
    if (left.length === 0) return
    if (performance.now() > end) {
      throw new Error(`lab ${id}: processes ${left.map(({ pid }) => pid).join(', ')} did not die when killed`)
    }
    for (const identity of left.filter(isRunning)) kill(identity.pid)
    await delay(30)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Empty for one that has ended. */
function namespaceOf(pid: string, kind: 'mnt' | 'net'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return ''
  }
}
