import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, readdir, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'

/** A Unix socket that is in its place. */
export interface PlacedSocket {
  /** Takes the socket's name away, if it is still ours. Before the server stops listening, so that no caller finds a dead one. */
  remove(): Promise<void>
}

/** Names of sockets that are not in their place yet. */
const nameInTheMaking = /^\.k[0-9a-f]{6}$/

/**
 * Lets a server listen on `path`. The socket is made under another name with mode 0600 and then linked to `path`, which is
 * refused by the kernel if something is there: so it is never seen half made, and libuv, which at close unlinks the name it
 * bound whatever is there by then, cannot take away a successor's socket.
 *
 * Killed within: a socket of a name like `.k1a2b3c` is left; the next call removes it.
 * @param listen makes the server listen on the path it is given.
 * @throws {Error} when a live process answers on `path`, or something other than a socket is there.
 */
export async function placeSocket(path: string, listen: (path: string) => Promise<unknown>): Promise<PlacedSocket> {
  await mkdir(dirname(path), { recursive: true })
  await removeDebris(dirname(path))
  await removeStale(path)
  const madeAs = join(dirname(path), `.k${randomBytes(3).toString('hex')}`)
  await listen(madeAs)
  await chmod(madeAs, 0o600)
  const ours = await lstat(madeAs)
  try {
    await link(madeAs, path)
  } catch (error) {
    throw new Error(`cannot listen on ${path}: another process took the name just now; is a second daemon running?`, {
      cause: error,
    })
  } finally {
    await unlink(madeAs)
  }
  return {
    async remove() {
      const found = await statIfThere(path)
      if (found?.ino === ours.ino && found.dev === ours.dev) await unlink(path)
    },
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await statIfThere(path)
  if (found === undefined) return
  if (!found.isSocket())
    throw new Error(`cannot listen on ${path}: expected a socket or nothing there, found something else; move it away`)
  if (await answers(path)) {
    throw new Error(
      `cannot listen on ${path}: another process answers there; stop it first (is the daemon running already?)`,
    )
  }
  const still = await statIfThere(path)
  if (still?.ino === found.ino) await unlink(path)
}

async function removeDebris(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter(name => nameInTheMaking.test(basename(name)))
  for (const name of names) {
    const path = join(directory, name)
    const found = await statIfThere(path)
    if (found?.isSocket() === true && !(await answers(path))) await unlink(path).catch(ignoreAbsence)
  }
}

async function statIfThere(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  return lstat(path).catch(ignoreAbsence)
}

function ignoreAbsence(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** Whether a process listens there. A full backlog (EAGAIN) is a process too. */
async function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.on('connect', () => resolve(true))
  socket.on('error', error => resolve(!('code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT'))))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
