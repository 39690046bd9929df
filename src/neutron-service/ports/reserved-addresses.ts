import type { ServiceContext } from '../context.ts'

/** The addresses that one call has reserved in this process while its transaction is in flight. */
export class ReservedAddresses implements Disposable {
  readonly #context: ServiceContext
  readonly #reserved: [subnetId: string, address: string][] = []

  constructor(context: ServiceContext) {
    this.#context = context
  }

  add(subnetId: string, address: string): void {
    this.#context.reservations.add(subnetId, address)
    this.#context.replica.tables.addresses.reservationMade(subnetId, address)
    this.#reserved.push([subnetId, address])
  }

  /** Gives all back: those that were not given to a port are candidates again. */
  release(): void {
    for (const [subnetId, address] of this.#reserved.splice(0)) {
      this.#context.reservations.delete(subnetId, address)
      this.#context.replica.tables.addresses.reservationEnded(subnetId, address)
    }
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
