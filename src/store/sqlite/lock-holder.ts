import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'

/**
 * Which process holds a lock on `file`, in words, for an error message: `process 712 (kuryr serve)`; `undefined` where
 * that cannot be told. Sources: `/proc/locks` (proc(5)), whose inode numbers are confirmed by the open files of the
 * process, as numbers alone may repeat over file systems.
 */
export function describeLockHolder(file: string): string | undefined {
  try {
    const inode = String(statSync(file).ino)
    const path = realpathSync(file)
    const pids = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .flatMap(line => holderOf(line, inode))
    const pid = pids.find(candidate => hasOpen(candidate, path))
    if (pid === undefined) return undefined
    return pid === String(process.pid) ? 'this very process' : `process ${pid} (${commandOf(pid)})`
  } catch {
    // Only a help to the reader: without it the error still names the file.
    return undefined
  }
}

/** A line is `1: POSIX  ADVISORY  WRITE 712 08:01:131110 0 EOF`. */
function holderOf(line: string, inode: string): string[] {
  const [, , , , pid, device] = line.split(/\s+/)
  return pid !== undefined && device?.split(':')[2] === inode ? [pid] : []
}

function hasOpen(pid: string, path: string): boolean {
  try {
    const directory = `/proc/${pid}/fd`
    return readdirSync(directory).some(descriptor => linkTarget(`${directory}/${descriptor}`) === path)
  } catch {
    return false
  }
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function commandOf(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
}
