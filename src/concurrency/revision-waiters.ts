import { raceAgainst } from './race-against.ts'

interface Waiter {
  revision: number
  wake: () => void
}

/** Who waits for which revision of what it follows. */
export class RevisionWaiters {
  readonly #waiters = new Set<Waiter>()
  /** Negative: nothing is known yet. */
  #revision = -1

  async reached(revision: number, signal: AbortSignal): Promise<void> {
    if (this.#revision >= revision) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const waiter = { revision, wake: () => resolve(undefined) }
    this.#waiters.add(waiter)
    try {
      await raceAgainst(signal, promise)
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const waiter of this.#waiters) {
      if (waiter.revision > this.#revision) continue
      this.#waiters.delete(waiter)
      waiter.wake()
    }
  }

  /** What was reached is not true any more. */
  forget(): void {
    this.#revision = -1
  }
}
