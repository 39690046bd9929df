import { Backoff } from './backoff.ts'

export interface KeyedWorkOptions {
  /** Does what is to be done for the key. Rejects to be asked again after a pause that grows. */
  work: (key: string) => Promise<void>
  /** Told of each rejection, before the pause. */
  onFailure: (key: string, error: unknown) => void
  /** How many keys are worked on at once. */
  width: number
  signal: AbortSignal
}

/**
 * Work to be done again and again, for many keys: for each key one at a time, and once more if it was asked for meanwhile.
 * What fails is tried again until it does not.
 */
export class KeyedWork {
  readonly #options: KeyedWorkOptions
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  readonly #pauses = new Map<string, { backoff: Backoff; timer: NodeJS.Timeout | undefined }>()
  readonly #idle = new Set<() => void>()

  constructor(options: KeyedWorkOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /** Asks for work on the key, now: a pause that it was in ends. */
  ask(key: string): void {
    if (this.#options.signal.aborted) return
    clearTimeout(this.#pauses.get(key)?.timer)
    this.#waiting.add(key)
    this.#next()
  }

  /** Resolves when nothing runs or waits any more; what is in a pause does not count. */
  async idle(): Promise<void> {
    if (this.#running.size === 0 && this.#waiting.size === 0) return
    await new Promise<void>(resolve => this.#idle.add(resolve))
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.width) return
      if (this.#running.has(key)) continue
      this.#waiting.delete(key)
      this.#running.add(key)
      void this.#run(key)
    }
    if (this.#running.size > 0 || this.#waiting.size > 0) return
    for (const resolve of this.#idle) resolve()
    this.#idle.clear()
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.work(key)
      this.#pauses.delete(key)
    } catch (error) {
      this.#options.onFailure(key, error)
      this.#pause(key)
    } finally {
      this.#running.delete(key)
      this.#next()
    }
  }

  #pause(key: string): void {
    if (this.#options.signal.aborted) return
    const { backoff } = this.#pauses.get(key) ?? { backoff: new Backoff({ firstMs: 100, limitMs: 15_000 }) }
    const timer = setTimeout(() => this.ask(key), backoff.next())
    this.#pauses.set(key, { backoff, timer })
  }

  #stop(): void {
    this.#waiting.clear()
    for (const { timer } of this.#pauses.values()) clearTimeout(timer)
    this.#next()
  }
}
