import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** Milliseconds after which Neutron has surely done, or dropped, a request whose answer was lost. */
const SETTLED_AFTER = 180_000

/** Milliseconds between two looks, at first and at most. */
const PAUSE = { first: 500, most: 15_000 }

/** What a create whose answer was lost may have made. */
export interface LostCreation {
  /** For the log: `port`. */
  what: string
  /** Ids of what is there by now. */
  find(signal: AbortSignal): Promise<string[]>
  remove(id: string, signal: AbortSignal): Promise<void>
}

/**
 * Takes back, behind the scenes, what was made by requests whose answer was lost: nobody knows its id, and Docker was told
 * that it failed. Neutron may be slow or away, so it is looked for again and again for three minutes. Killed meanwhile:
 * the sweep at the daemon's next start finds it by its description.
 */
export class LostCreations {
  readonly #log: Pick<Logger, 'warn' | 'error'>
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #settledAfter: number

  /** @param options.settledAfter milliseconds for which is looked */
  constructor(log: Pick<Logger, 'warn' | 'error'>, { settledAfter = SETTLED_AFTER }: { settledAfter?: number } = {}) {
    this.#log = log
    this.#settledAfter = settledAfter
  }

  takeBack(lost: LostCreation): void {
    const work = this.#takeBack(lost).finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  /** Resolves when nothing is looked for any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.settled()
  }

  async #takeBack(lost: LostCreation): Promise<void> {
    const { signal } = this.#closing
    const end = performance.now() + this.#settledAfter
    for (let pause = PAUSE.first; performance.now() < end; pause = Math.min(2 * pause, PAUSE.most)) {
      try {
        for (const id of await lost.find(signal)) {
          await lost.remove(id, signal)
          this.#log.warn({ id }, `removed a ${lost.what} that was made by a request whose answer was lost`)
          return
        }
      } catch (error) {
        if (!signal.aborted) this.#log.warn({ err: error }, `cannot look yet whether a ${lost.what} was made`)
      }
      if (signal.aborted) return
      await delay(pause, undefined, { signal }).catch(() => undefined)
    }
  }
}
