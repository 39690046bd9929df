import { setTimeout as sleep } from 'node:timers/promises'

/** Pauses between attempts: each twice the last, up to a limit, and half of it random so that hosts do not march in step. */
export class Backoff {
  readonly #firstMs: number
  readonly #limitMs: number
  readonly #random: () => number
  #attempt = 0

  constructor({ firstMs = 50, limitMs = 2000, random = Math.random } = {}) {
    this.#firstMs = firstMs
    this.#limitMs = limitMs
    this.#random = random
  }

  /** Attempts that failed since the last success. */
  get attempts(): number {
    return this.#attempt
  }

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const full = Math.min(this.#limitMs, this.#firstMs * 2 ** this.#attempt)
    this.#attempt += 1
    return full / 2 + (full / 2) * this.#random()
  }

  /** It worked: begin small again. */
  reset(): void {
    this.#attempt = 0
  }

  /** Waits for the next attempt, or until `signal` aborts: then too it resolves. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await sleep(this.next(), undefined, { signal }).catch(() => undefined)
  }
}
