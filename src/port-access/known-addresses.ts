/** A floating IP that ports are published on. */
export interface PublicAddress {
  /** Of the floating IP. */
  id: string
  address: string
}

/** Milliseconds for which a Docker network's floating IP is believed to be the one that it was. */
const MAX_AGE = 300_000

/** Which floating IP the ports of a Docker network are published on, to spare Neutron the question. */
export class KnownAddresses {
  readonly #addresses = new Map<string, { found: PublicAddress; since: number }>()
  readonly #clock: () => number

  constructor(clock: () => number = Date.now) {
    this.#clock = clock
  }

  get(dockerId: string): PublicAddress | undefined {
    const entry = this.#addresses.get(dockerId)
    if (entry && this.#clock() - entry.since < MAX_AGE) return entry.found
    this.forget(dockerId)
    return undefined
  }

  add(dockerId: string, found: PublicAddress): void {
    const now = this.#clock()
    for (const [id, { since }] of this.#addresses) if (now - since >= MAX_AGE) this.forget(id)
    this.#addresses.set(dockerId, { found, since: now })
  }

  /** The network is gone, or what is known of it turned out to be wrong. */
  forget(dockerId: string): void {
    this.#addresses.delete(dockerId)
  }
}
