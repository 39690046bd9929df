/**
 * Milliseconds for which what OpenStack said is believed: so long may a change of a network's gateway, routes or MTU, or of
 * what has a name, take to reach new containers.
 */
export const BELIEVED_FOR = 300_000

interface Entry<Value> {
  value: Value
  /** Milliseconds, of the clock. */
  since: number
}

/**
 * What the network service said, to spare it the question: believed for `maxAge`, or until it turns out to be wrong. Then
 * whoever relied on it forgets it and looks again, once.
 */
export class Believed<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #maxAge: number
  readonly #clock: () => number

  /** @param options.maxAge milliseconds */
  constructor({ maxAge = BELIEVED_FOR, clock = Date.now }: { maxAge?: number; clock?: () => number } = {}) {
    this.#maxAge = maxAge
    this.#clock = clock
  }

  /** How many are kept, the old ones too that nobody has asked for. */
  get size(): number {
    return this.#entries.size
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    return entry && this.#isYoung(entry) ? entry.value : undefined
  }

  add(key: string, value: Value): void {
    for (const [old, entry] of this.#entries) if (!this.#isYoung(entry)) this.#entries.delete(old)
    this.#entries.set(key, { value, since: this.#clock() })
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }

  forgetWhere(isWrong: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (isWrong(value)) this.#entries.delete(key)
  }

  forgetAll(): void {
    this.#entries.clear()
  }

  #isYoung({ since }: Entry<Value>): boolean {
    return this.#clock() - since < this.#maxAge
  }
}
