import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { systemPath } from '../processes/run-program.ts'

/**
 * Runs `work` while holding the lock on `file`, so that only one process of this machine does at a time. The lock is the
 * kernel's (flock(1) of util-linux, held by a child that lives as long as its standard input is open): a killed owner
 * frees it.
 */
export async function underLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PATH: systemPath() },
  })
  const ended = once(holder, 'close')
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!held) throw new Error(`cannot lock ${file}: flock ended with status ${holder.exitCode ?? 'unknown'}`)
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
