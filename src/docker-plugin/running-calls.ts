import { plainMessage } from './error-answer.ts'
import { PluginError } from './plugin-error.ts'

/** How long a call may take. */
export interface CallLimits {
  /** Seconds until the call's signal aborts. */
  callTimeout: number
  /** Seconds that an aborted call is given to take back what it did, before it is answered without waiting any longer. */
  undoTime: number
}

/** One call under way. */
export class RunningCall {
  readonly #controller = new AbortController()

  /** Aborts with a {@link PluginError} that says why. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Tells the driver to stop and take back what it did; the first reason stands. */
  abort(why: string): void {
    if (!this.signal.aborted) this.#controller.abort(new PluginError(503, why))
  }

  /**
   * The outcome of `work`, in time: after the abort the work may still end, well or badly, within `undoTime`; then the
   * abort's reason is thrown and the outcome goes to `onLate`.
   */
  async settle<T>(work: Promise<T>, undoTime: number, onLate: (outcome: PromiseSettledResult<T>) => void): Promise<T> {
    const { promise: patienceEnds, reject } = Promise.withResolvers<never>()
    let timer: NodeJS.Timeout | undefined
    const lose = (): void => {
      timer = setTimeout(() => {
        reject(this.#reason())
        void Promise.allSettled([work]).then(([outcome]) => onLate(outcome))
      }, undoTime * 1000)
    }
    this.signal.addEventListener('abort', lose, { once: true })
    if (this.signal.aborted) lose()
    try {
      return await Promise.race([work, patienceEnds])
    } catch (error) {
      throw this.signal.aborted ? this.#afterAbort(error) : error
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener('abort', lose)
    }
  }

  #reason(): PluginError {
    const reason: unknown = this.signal.reason
    return reason instanceof PluginError ? reason : new PluginError(503, 'the call was aborted')
  }

  #afterAbort(error: unknown): PluginError {
    const reason = this.#reason()
    const sameThing = error === reason || (error instanceof Error && error.name === 'AbortError')
    return sameThing ? reason : new PluginError(503, `${reason.message} (${plainMessage(error)})`, { cause: error })
  }
}

/** The calls under way, so that a stop can wait for them and then abort them. */
export class RunningCalls {
  readonly #calls = new Set<RunningCall>()
  #whenNone = Promise.withResolvers<undefined>()

  /** How many have not been answered. */
  get count(): number {
    return this.#calls.size
  }

  /** Takes a new call in; it counts until {@link end}. */
  begin(): RunningCall {
    const call = new RunningCall()
    this.#calls.add(call)
    return call
  }

  /** The call has been answered, or its caller is gone. */
  end(call: RunningCall): void {
    this.#calls.delete(call)
    if (this.#calls.size > 0) return
    this.#whenNone.resolve(undefined)
    this.#whenNone = Promise.withResolvers()
  }

  /** Aborts every call under way. */
  abortAll(why: string): void {
    for (const call of this.#calls) call.abort(why)
  }

  /** Resolves when no call is under way, or after `seconds`; tells whether none is left. */
  async drained(seconds: number): Promise<boolean> {
    if (this.#calls.size === 0) return true
    const { promise: timeIsUp, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), seconds * 1000)
    await Promise.race([this.#whenNone.promise, timeIsUp])
    clearTimeout(timer)
    return this.count === 0
  }
}
