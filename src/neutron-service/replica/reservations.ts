/** Addresses that a transaction in flight in this process asks for, so that no other of this process asks for them too. */
export class Reservations {
  readonly #bySubnet = new Map<string, Set<string>>()

  add(subnetId: string, address: string): void {
    const reserved = this.#bySubnet.get(subnetId) ?? new Set<string>()
    this.#bySubnet.set(subnetId, reserved.add(address))
  }

  delete(subnetId: string, address: string): void {
    const reserved = this.#bySubnet.get(subnetId)
    reserved?.delete(address)
    if (reserved?.size === 0) this.#bySubnet.delete(subnetId)
  }

  has(subnetId: string, address: string): boolean {
    return this.#bySubnet.get(subnetId)?.has(address) ?? false
  }

  of(subnetId: string): Iterable<string> {
    return this.#bySubnet.get(subnetId) ?? []
  }
}
