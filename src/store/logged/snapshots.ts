import { randomUUID } from 'node:crypto'
import type { LogBackend } from './log-backend.ts'
import type { Known, LogFollower, LogFollowerLog } from './log-follower.ts'
import { outdatedPieces, snapshotName, writeSnapshot } from './pieces.ts'
import { encode, type Head } from './records.ts'

/** After how many records a snapshot is taken, and how many older ones are kept for those who follow. */
const recordsPerSnapshot = 1000

/**
 * Keeps the log short: from time to time all entries are written as a snapshot, and records from before it are removed.
 * Killed before the head names the snapshot: its pieces are removed after the next one. Killed after it: so are the old
 * records.
 */
export class Snapshots {
  readonly #backend: LogBackend
  readonly #follower: LogFollower
  readonly #log: LogFollowerLog
  readonly #closing: AbortSignal
  #underWay: Promise<void> | undefined

  constructor(parts: { backend: LogBackend; follower: LogFollower; log: LogFollowerLog; closing: AbortSignal }) {
    this.#backend = parts.backend
    this.#follower = parts.follower
    this.#log = parts.log
    this.#closing = parts.closing
  }

  /** Takes one behind the scenes if it is time. */
  consider(): void {
    const { head } = this.#follower.known ?? {}
    if (head === undefined || this.#underWay !== undefined) return
    if (head.revision - (head.snapshot?.revision ?? 1) < recordsPerSnapshot) return
    this.#underWay = this.take(recordsPerSnapshot, this.#closing)
      .catch((error: unknown) => {
        if (!this.#closing.aborted) this.#log.warn({ err: error }, 'no snapshot of the store could be taken')
      })
      .finally(() => (this.#underWay = undefined))
  }

  /** Takes one now and removes all records but the last `keep` before it. @throws {BackendError} */
  async take(keep: number, signal: AbortSignal): Promise<void> {
    const { head: start, replica } = await this.#follower.refresh(signal)
    const { revision, record } = replica
    const name = snapshotName(start, revision, randomUUID().slice(0, 8))
    const pieces = await writeSnapshot(this.#backend, { name, snapshot: replica.snapshot() }, signal)
    const snapshot = { revision, record, name, pieces }
    const head = await this.#point({ snapshot, store: start.store, keep }, signal)
    const names = await this.#backend.listPieces(signal)
    const own = head.snapshot?.name === name ? [] : names.filter(other => other.startsWith(`${name}-`))
    await this.#backend.removePieces([...own, ...outdatedPieces(names, head)], signal)
  }

  /** Makes the head name the snapshot, unless it names a later one, or is of another store; returns the head. */
  async #point(
    { snapshot, store, keep }: { snapshot: NonNullable<Head['snapshot']>; store: string; keep: number },
    signal: AbortSignal,
  ): Promise<Head> {
    for (;;) {
      const { head: before, version }: Known = await this.#follower.refresh(signal)
      const later = (before.snapshot?.revision ?? 0) > snapshot.revision
      if (before.store !== store || later || before.snapshot?.name === snapshot.name) return before
      const head = { ...before, snapshot, oldest: Math.max(before.oldest, snapshot.revision + 1 - keep) }
      const answer = await this.#backend.commit({ version, head: encode(head), pieces: [], leases: [] }, signal)
      if (answer.done) {
        this.#follower.adopt(head, answer.version)
        return head
      }
    }
  }
}
