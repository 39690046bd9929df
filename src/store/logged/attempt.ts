import { Backoff } from '../../concurrency/backoff.ts'
import { isAborted } from '../../concurrency/aborted.ts'
import { raceAgainst } from '../../concurrency/race-against.ts'
import { StoreUnavailableError, type StoreCall } from '../store.ts'
import { BackendError } from './log-backend.ts'
import { UnreadableRecordError } from './records.ts'

/** What bounds every call of one store. */
export interface Bounds {
  /** For messages. */
  address: string
  timeoutMs: number
  /** Aborts when the store is closed. */
  closing: AbortSignal
}

/** One call of the store, with its end. */
export class Attempt {
  /** Aborts at the deadline, when the caller gives up, and when the store is closed. */
  readonly signal: AbortSignal
  /** Whether something was sent that may have been done, or may yet be. */
  unresolved = false
  /** The last failure that was followed by a repetition. */
  failure: Error | undefined

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  /** Does `act`, which can be done twice, until it succeeds or fails for good. */
  async repeat<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const backoff = new Backoff()
    for (;;) {
      this.signal.throwIfAborted()
      try {
        return await act(this.signal)
      } catch (error) {
        if (!(error instanceof BackendError) || !error.retryable || isAborted(this.signal)) throw error
        this.failure = error
        await backoff.wait(this.signal)
      }
    }
  }
}

/** Does one call within its bounds. @throws {StoreUnavailableError} for whatever the server, or its absence, is to blame. */
export async function within<T>(
  { address, timeoutMs, closing }: Bounds,
  call: StoreCall | undefined,
  act: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  if (closing.aborted) throw new StoreUnavailableError(`the store at ${address} was closed`)
  const callers = call?.signal
  if (isAborted(callers)) {
    throw new StoreUnavailableError(`the call to ${address} was aborted before it began`, { cause: callers?.reason })
  }
  const ends = [AbortSignal.timeout(timeoutMs), closing, ...(callers === undefined ? [] : [callers])]
  const attempt = new Attempt(AbortSignal.any(ends))
  try {
    return await raceAgainst(attempt.signal, act(attempt))
  } catch (error) {
    const outcome = attempt.unresolved ? 'unknown' : 'not-done'
    if (isAborted(closing))
      throw new StoreUnavailableError(`the store at ${address} was closed`, { cause: error, outcome })
    if (attempt.signal.aborted) {
      const ending = isAborted(callers) ? 'was aborted' : `was not answered within ${timeoutMs} ms`
      const why = attempt.failure === undefined ? '' : `: ${attempt.failure.message}`
      throw new StoreUnavailableError(`the call to ${address} ${ending}${why}`, {
        cause: attempt.failure ?? error,
        outcome,
      })
    }
    if (error instanceof BackendError || error instanceof UnreadableRecordError) {
      throw new StoreUnavailableError(error.message, { cause: error, outcome })
    }
    throw error
  }
}
