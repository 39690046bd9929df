import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds between two attempts, at first and at most; and after which all is given up. */
const PAUSE = { first: 1000, most: 60_000 }
const GIVE_UP_AFTER = 24 * 3600 * 1000

export interface RetryLaterParts {
  /** Whether a failure is for good: then there is no further attempt. */
  isFinal: (error: unknown) => boolean
  log: {
    info(about: object, text: string): void
    warn(about: object, text: string): void
    error(about: object, text: string): void
  }
}

/**
 * Does behind the scenes what could not be done now, and nobody will ask for again: each act is tried again, ever more
 * seldom, until it succeeds or fails for good. It must be one that may be done twice. Kept in memory only: what is not
 * done when the daemon ends is told to the log.
 */
export class RetryLater {
  readonly #parts: RetryLaterParts
  readonly #closing = new AbortController()
  readonly #pending = new Map<string, Promise<void>>()

  constructor(parts: RetryLaterParts) {
    this.#parts = parts
  }

  /** `what` is for the log, and names the act: one that is pending is not added twice. */
  add(what: string, act: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.#closing.signal.aborted || this.#pending.has(what)) return
    const work = this.#work(what, act).finally(() => this.#pending.delete(what))
    this.#pending.set(what, work)
  }

  /** What is not done yet. */
  get pending(): string[] {
    return [...this.#pending.keys()]
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending.values())
  }

  async close(): Promise<void> {
    if (this.pending.length > 0) this.#parts.log.warn({ left: this.pending }, 'left undone')
    this.#closing.abort()
    await this.settled()
  }

  async #work(what: string, act: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { signal } = this.#closing
    const { log, isFinal } = this.#parts
    const end = performance.now() + GIVE_UP_AFTER
    for (let pause = PAUSE.first; ; pause = Math.min(2 * pause, PAUSE.most)) {
      await delay(pause / 2 + (Math.random() * pause) / 2, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await act(signal)
        log.info({}, `done at last: ${what}`)
        return
      } catch (error) {
        // The daemon is ending: what is left was told.
        if (this.#closing.signal.aborted) return
        if (isFinal(error) || performance.now() > end) {
          log.error({ err: error }, `given up: ${what}`)
          return
        }
        log.warn({ err: error }, `not done yet: ${what}`)
      }
    }
  }
}
