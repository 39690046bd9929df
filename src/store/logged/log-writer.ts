import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../../concurrency/backoff.ts'
import { isAborted } from '../../concurrency/aborted.ts'
import { StoreRequestError } from '../request-check.ts'
import { StoreUnavailableError, type TransactionResult } from '../store.ts'
import type { Attempt } from './attempt.ts'
import { composeCommit, type ComposedCommit } from './compose-commit.ts'
import { BackendError, type CommitAnswer, type LogBackend } from './log-backend.ts'
import type { Known, LogFollower, Tracked } from './log-follower.ts'
import type { LoggedChange } from './records.ts'
import type { Replica } from './replica.ts'

/** For how long others count as writing too, after a record of theirs, in milliseconds. */
const othersAreBusyMs = 100
/** The longest pause that is made for them. */
const longestPauseMs = 15

/** What is to be written: decided anew on each state that it might follow. */
export interface Writing {
  /** `undefined`: a condition does not hold. */
  plan: (replica: Replica) => LoggedChange[] | undefined
  /** Leases that must live. */
  leases: readonly string[]
}

/** A writing that waits for its result. */
export interface Pending extends Writing {
  attempt: Attempt
  tracked: Tracked
  /** Whether the log was looked at after it came: only then a condition can be told not to hold. */
  fresh: boolean
  /** The version of the head that its record was last sent for. */
  sentAt: string | undefined
  resolve: (result: TransactionResult) => void
  reject: (error: unknown) => void
}

/**
 * Adds records to the log. What waits is committed together: planned one after another on the replica, and done if the
 * head is still where that was; else planned again. A commit whose answer was lost is looked for in the log, and repeated
 * only if it is not there.
 */
export class LogWriter {
  readonly #backend: LogBackend
  readonly #follower: LogFollower
  readonly #closing: AbortSignal
  readonly #timeoutMs: number
  readonly #onCommitted: () => void
  #queue: Pending[] = []
  #writing = false

  /** @param onCommitted told after each commit. */
  constructor(parts: {
    backend: LogBackend
    follower: LogFollower
    closing: AbortSignal
    timeoutMs: number
    onCommitted: () => void
  }) {
    this.#backend = parts.backend
    this.#follower = parts.follower
    this.#closing = parts.closing
    this.#timeoutMs = parts.timeoutMs
    this.#onCommitted = parts.onCommitted
  }

  /** @throws {StoreRequestError} for a lease that is no more; {@link StoreUnavailableError}, {@link BackendError} */
  async write(writing: Writing, attempt: Attempt): Promise<TransactionResult> {
    const { promise, resolve, reject } = Promise.withResolvers<TransactionResult>()
    const tracked = this.#follower.track()
    this.#queue.push({ ...writing, attempt, tracked, fresh: false, sentAt: undefined, resolve, reject })
    void this.#writeAll()
    try {
      return await promise
    } finally {
      this.#follower.untrack(tracked)
    }
  }

  async #writeAll(): Promise<void> {
    if (this.#writing) return
    this.#writing = true
    const conflicts = new Backoff({ firstMs: 2, limitMs: 16 })
    const failures = new Backoff()
    while (this.#settle()) {
      try {
        await this.#writeSome(conflicts)
        failures.reset()
      } catch (error) {
        if (this.#failed(error)) await failures.wait(this.#closing)
      }
    }
    this.#writing = false
  }

  /** Answers those who gave up and those whose record was seen in the log; tells whether anybody still waits. */
  #settle(): boolean {
    this.#queue = this.#queue.filter(({ attempt, tracked, resolve, reject }) => {
      if (tracked.seenAt !== undefined) resolve({ succeeded: true, revision: tracked.seenAt })
      else if (isAborted(attempt.signal)) reject(attempt.signal.reason)
      else if (tracked.untraceable && attempt.unresolved) reject(untraceable(this.#backend))
      else {
        tracked.untraceable = false
        return true
      }
      return false
    })
    return this.#queue.length > 0
  }

  async #writeSome(conflicts: Backoff): Promise<void> {
    const { known } = this.#follower
    if (known === undefined) {
      await this.#look()
      return
    }
    const queue = this.#queue
    const commit = await this.#bounded(signal => composeCommit(this.#backend, { known, queue, signal }))
    if (commit.records.length === 0) {
      const sure = [...commit.results].filter(([pending]) => pending.fresh)
      this.#answer(sure)
      if (sure.length === 0) await this.#look()
      return
    }
    const answer = await this.#send(known, commit)
    if (answer.done) {
      conflicts.reset()
      this.#follower.adopt(commit.head, answer.version, commit.records)
      this.#onCommitted()
      // What was decided without a record is as true as the commit.
      this.#answer([...commit.results])
      await this.#giveWay()
      return
    }
    if (answer.because === 'lease') this.#refuse(answer.lease)
    await conflicts.wait(this.#closing)
    await this.#look()
  }

  /** Who has just written knows the newest head: without a pause it would win against all others again and again. */
  async #giveWay(): Promise<void> {
    if (performance.now() - this.#follower.othersWroteAt > othersAreBusyMs) return
    const pause = Math.random() * longestPauseMs
    await sleep(pause, undefined, { signal: this.#closing }).catch(() => undefined)
  }

  #answer(results: readonly [Pending, TransactionResult][]): void {
    for (const [pending, result] of results) pending.resolve(result)
    const answered = new Set(results.map(([pending]) => pending))
    this.#queue = this.#queue.filter(pending => !answered.has(pending))
  }

  async #send({ version }: Known, { headBytes: head, pieces, leases, writers }: ComposedCommit): Promise<CommitAnswer> {
    const before = writers.map(({ attempt }) => attempt.unresolved)
    const unresolved = (perhaps: boolean): void => {
      for (const [index, { attempt }] of writers.entries()) attempt.unresolved = perhaps || before[index] === true
    }
    unresolved(true)
    for (const pending of writers) pending.sentAt = version
    try {
      const answer = await this.#bounded(signal => this.#backend.commit({ version, head, pieces, leases }, signal))
      if (answer.done) for (const { attempt } of writers) attempt.unresolved = false
      else unresolved(false)
      return answer
    } catch (error) {
      const mayBeDone = !(error instanceof BackendError) || error.outcome === 'unknown'
      unresolved(mayBeDone)
      if (!mayBeDone || !this.#failed(error)) throw error
      // As after a conflict: the log tells.
      return { done: false, because: 'head' }
    }
  }

  /** Brings what is known up to date. */
  async #look(): Promise<void> {
    const waiting = [...this.#queue]
    const { version } = await this.#follower.refresh(this.#closing)
    for (const pending of waiting) {
      pending.fresh = true
      // What was sent for another version of the head will never be done.
      if (version !== pending.sentAt && !pending.tracked.untraceable) pending.attempt.unresolved = false
    }
  }

  #refuse(lease: string): void {
    const error = new StoreRequestError(`lease ${lease} has ended or was lost: grant a new one`)
    for (const { leases, reject } of this.#queue) if (leases.includes(lease)) reject(error)
    this.#queue = this.#queue.filter(({ leases }) => !leases.includes(lease))
  }

  /** Whether it is worth another try; otherwise all who wait are told. */
  #failed(error: unknown): boolean {
    const retryable = error instanceof BackendError && error.retryable && !this.#closing.aborted
    for (const { attempt, reject } of this.#queue) {
      if (retryable) attempt.failure = error
      else reject(error)
    }
    if (!retryable) this.#queue = []
    return retryable
  }

  /** Does one act, which nobody's own signal may break off: it may be of many. */
  async #bounded<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(this.#timeoutMs)
    try {
      return await act(AbortSignal.any([this.#closing, late]))
    } catch (error) {
      if (!late.aborted || this.#closing.aborted) throw error
      const message = `${this.#backend.address} gave no answer within ${this.#timeoutMs} ms`
      throw new BackendError(message, { cause: error, outcome: 'unknown', retryable: true })
    }
  }
}

function untraceable(backend: LogBackend): StoreUnavailableError {
  return new StoreUnavailableError(`the log at ${backend.address} has forgotten whether the transaction was done`, {
    outcome: 'unknown',
  })
}
