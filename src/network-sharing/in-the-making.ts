/** Milliseconds in which Docker notes a network after its CreateNetwork was answered: it takes a few, on a busy host more. */
const NOTED_AFTER = 60_000

/** Networks that Docker is making: not to be found in its list yet, which must not be taken for their removal. */
export class InTheMaking {
  readonly #ids = new Map<string, number>()
  readonly #clock: () => number

  constructor(clock: () => number = Date.now) {
    this.#clock = clock
  }

  /** Runs the making of the network. */
  async while<T>(networkId: string, make: () => Promise<T>): Promise<T> {
    this.#ids.set(networkId, Infinity)
    try {
      return await make()
    } finally {
      this.#ids.set(networkId, this.#clock() + NOTED_AFTER)
    }
  }

  has(networkId: string): boolean {
    const until = this.#ids.get(networkId)
    if (until === undefined) return false
    if (this.#clock() < until) return true
    this.#ids.delete(networkId)
    return false
  }
}
