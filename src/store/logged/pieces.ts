import { BackendError, type LogBackend } from './log-backend.ts'
import { decode, encode, type Head, type LogRecord, type Snapshot } from './records.ts'

/** How many requests are under way at once. */
const window = 32

/** The names of all pieces begin with their store's, so that leftovers of one that was removed are nobody else's. */
export function recordName({ store }: Pick<Head, 'store'>, revision: number): string {
  return `${shortName(store)}-log-${revision}`
}

/** The name of a snapshot's pieces; `id` makes it one of many that may be taken of a revision. */
export function snapshotName({ store }: Pick<Head, 'store'>, revision: number, id: string): string {
  return `${shortName(store)}-snapshot-${revision}-${id}`
}

/** Of the pieces `names`, those that nobody reads any more under `head` or a later one. */
export function outdatedPieces(names: readonly string[], head: Head): string[] {
  const ours = new RegExp(`^${shortName(head.store)}-(log|snapshot)-(\\d+)`)
  return names.filter(name => {
    const [, kind, revision] = ours.exec(name) ?? []
    if (kind === undefined) return false
    return Number(revision) < (kind === 'log' ? head.oldest : (head.snapshot?.revision ?? 0))
  })
}

function shortName(store: string): string {
  return store.slice(0, 8)
}

/** The records after revision `after` up to the head's; `undefined` when one is gone: the head has moved on since. */
export async function readRecords(
  backend: LogBackend,
  { head, after }: { head: Head; after: number },
  signal: AbortSignal,
): Promise<LogRecord[] | undefined> {
  const records: LogRecord[] = []
  const last = (head.latest[0]?.revision ?? head.revision + 1) - 1
  for (let first = after + 1; first <= last; first += window) {
    const revisions = Array.from({ length: Math.min(window, last - first + 1) }, (_, index) => first + index)
    const found = await Promise.all(revisions.map(revision => readRecord(backend, head, { revision, signal })))
    for (const record of found) {
      if (record === undefined) return undefined
      records.push(record)
    }
  }
  return [...records, ...head.latest.filter(({ revision }) => revision > after)]
}

async function readRecord(
  backend: LogBackend,
  head: Head,
  { revision, signal }: { revision: number; signal: AbortSignal },
): Promise<LogRecord | undefined> {
  const name = recordName(head, revision)
  const bytes = await backend.readPiece(name, signal)
  if (bytes === undefined) return undefined
  const record = decode.record(bytes, `the record ${name} at ${backend.address}`)
  if (!('pieces' in record)) return record
  const whole = await readInPieces(backend, record, signal)
  return whole && decode.wholeRecord(whole, `the record ${name} at ${backend.address}`)
}

/** What to write as a record's piece. Writes the pieces of one that is too large for a commit. */
export async function recordPiece(
  backend: LogBackend,
  { head, record }: { head: Head; record: LogRecord },
  signal: AbortSignal,
): Promise<{ name: string; bytes: Buffer }> {
  const name = recordName(head, record.revision)
  const bytes = encode(record)
  if (bytes.length <= backend.limits.commit) return { name, bytes }
  const parts = { name: `${name}-${record.id}`, bytes }
  const pieces = await writeInPieces(backend, parts, signal)
  return { name, bytes: encode({ name: parts.name, pieces }) }
}

/** Writes a snapshot, which nothing speaks of yet; returns the number of its pieces. */
export function writeSnapshot(
  backend: LogBackend,
  { name, snapshot }: { name: string; snapshot: Snapshot },
  signal: AbortSignal,
): Promise<number> {
  return writeInPieces(backend, { name, bytes: encode(snapshot) }, signal)
}

/** The snapshot that the head names; `undefined` when it is gone: the head has moved on since. */
export async function readSnapshot(
  backend: LogBackend,
  pointer: NonNullable<Head['snapshot']>,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const bytes = await readInPieces(backend, pointer, signal)
  return bytes && decode.snapshot(bytes, `the snapshot ${pointer.name} at ${backend.address}`)
}

async function writeInPieces(
  backend: LogBackend,
  { name, bytes }: { name: string; bytes: Buffer },
  signal: AbortSignal,
): Promise<number> {
  const size = backend.limits.piece
  const count = Math.max(1, Math.ceil(bytes.length / size))
  for (let index = 0; index < count; index++) {
    await backend.writePiece(`${name}-${index}`, bytes.subarray(index * size, (index + 1) * size), signal)
  }
  return count
}

async function readInPieces(
  backend: LogBackend,
  { name, pieces }: { name: string; pieces: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  for (let index = 0; index < pieces; index++) {
    const part = await backend.readPiece(`${name}-${index}`, signal)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The head moved on while what it spoke of was read. */
export function movedOn(backend: LogBackend): BackendError {
  return new BackendError(`the log at ${backend.address} moved on while it was read`, {
    outcome: 'not-done',
    retryable: true,
  })
}
