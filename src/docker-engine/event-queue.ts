/** Items that wait for one reader, in order, up to a limit. */
export class EventQueue<T> {
  readonly #limit: number
  #waiting: T[] = []
  #ended: { error: Error | undefined } | undefined
  #wake: () => void = () => undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Returns false when it is full: then the item is lost. */
  put(item: T): boolean {
    if (this.#waiting.length >= this.#limit) return false
    this.#waiting.push(item)
    this.#wake()
    return true
  }

  /** Nothing comes any more; only the first call counts. The reader gets what waits, then `error` if there is one. */
  end(error?: Error): void {
    this.#ended ??= { error }
    this.#wake()
  }

  /** What waits and what comes, until the end. @throws what {@link end} was given. */
  async *read(): AsyncGenerator<T, void> {
    for (;;) {
      const batch = this.#waiting
      this.#waiting = []
      yield* batch
      if (this.#waiting.length > 0) continue
      if (this.#ended?.error) throw this.#ended.error
      if (this.#ended) return
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
