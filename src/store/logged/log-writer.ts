import { Backoff } from '../../concurrency/backoff.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { StoreRequestError } from '../request-check.ts'
import { StoreUnavailableError, type TransactionResult } from '../store.ts'
import type { Attempt } from './attempt.ts'
import { BackendError, type LogBackend } from './log-backend.ts'
import type { Known, LogFollower, Tracked } from './log-follower.ts'
import { recordPiece } from './pieces.ts'
import { encode, type Head, type LogRecord, type LoggedChange } from './records.ts'
import type { Replica } from './replica.ts'

/** What is to be written: decided anew on each state that it might follow. */
export interface Writing {
  /** `undefined`: a condition does not hold. */
  plan: (replica: Replica) => LoggedChange[] | undefined
  /** Leases that must live. */
  leases: readonly string[]
}

/** Records up to this size in bytes lie in the head too. */
const smallRecord = 16_384

/**
 * Adds records to the log: each is committed if the head is still where the record was planned, else planned again. A
 * commit whose answer was lost is looked for, and repeated only if it is not there.
 */
export class LogWriter {
  readonly #backend: LogBackend
  readonly #follower: LogFollower
  readonly #onCommitted: () => void
  readonly #turn = new KeyedMutex()

  /** @param onCommitted told after each record. */
  constructor(parts: { backend: LogBackend; follower: LogFollower; onCommitted: () => void }) {
    this.#backend = parts.backend
    this.#follower = parts.follower
    this.#onCommitted = parts.onCommitted
  }

  /** One after another, so that writers of one process do not overtake each other in vain. */
  write(writing: Writing, attempt: Attempt): Promise<TransactionResult> {
    return this.#turn.run('write', async () => {
      const tracked = this.#follower.track()
      try {
        return await this.#write(writing, attempt, tracked)
      } finally {
        this.#follower.untrack(tracked)
      }
    })
  }

  async #write({ plan, leases }: Writing, attempt: Attempt, tracked: Tracked): Promise<TransactionResult> {
    const conflicts = new Backoff({ firstMs: 5, limitMs: 250 })
    let known = this.#follower.known
    let fresh = false
    for (;;) {
      attempt.signal.throwIfAborted()
      const changes = known && plan(known.replica)
      let sentAt: string | undefined
      if (known !== undefined && changes !== undefined && changes.length > 0) {
        const { revision, record: previous } = known.replica
        const record = { revision: revision + 1, id: tracked.id, previous, changes }
        sentAt = known.version
        if (await this.#commit({ known, record, leases }, attempt)) {
          return { succeeded: true, revision: record.revision }
        }
        await conflicts.wait(attempt.signal)
      } else if (known !== undefined && fresh) {
        return { succeeded: changes !== undefined, revision: known.replica.revision }
      }
      known = await attempt.repeat(signal => this.#follower.refresh(signal))
      fresh = true
      if (tracked.seenAt !== undefined) return { succeeded: true, revision: tracked.seenAt }
      if (tracked.untraceable && attempt.unresolved) throw untraceable(this.#backend)
      tracked.untraceable = false
      // What was sent for another version of the head will never be done.
      if (known.version !== sentAt) attempt.unresolved = false
    }
  }

  /** False when it was not done, or nobody knows: the log must be looked at. */
  async #commit({ known, record, leases }: PlannedRecord, attempt: Attempt): Promise<boolean> {
    const { head: before, version } = known
    const { revision, id } = record
    const uncertain = attempt.unresolved
    try {
      const piece = await recordPiece(this.#backend, { head: before, record }, attempt.signal)
      const head: Head = { ...before, revision, record: id, latest: piece.recordBytes <= smallRecord ? record : null }
      attempt.unresolved = true
      const answer = await this.#backend.commit(
        { version, head: encode(head), pieces: [piece], leases },
        attempt.signal,
      )
      attempt.unresolved = uncertain && !answer.done
      if (!answer.done && answer.because === 'lease') throw leaseGone(leases)
      if (!answer.done) return false
      this.#follower.adopt(head, answer.version, record)
      this.#onCommitted()
      return true
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      attempt.unresolved = uncertain || error.outcome === 'unknown'
      await attempt.survive(error, new Backoff())
      return false
    }
  }
}

interface PlannedRecord {
  known: Known
  record: LogRecord
  leases: readonly string[]
}

function leaseGone(leases: readonly string[]): StoreRequestError {
  return new StoreRequestError(`lease ${leases.join(' or ')} has ended or was lost: grant a new one`)
}

function untraceable(backend: LogBackend): StoreUnavailableError {
  return new StoreUnavailableError(`the log at ${backend.address} has forgotten whether the transaction was done`, {
    outcome: 'unknown',
  })
}
