import type { Subnet } from '../../neutron/resources.ts'
import type { AddressClaim } from '../records.ts'
import { SubnetAllocator } from '../addresses/subnet-allocator.ts'
import type { Reservations } from './reservations.ts'

interface Claim {
  port: string
  chosen: boolean
  modRevision: number
}

/** Which port has which address, and the candidates for the next one of each subnet that this host allocates from. */
export class AddressBook {
  readonly #claims = new Map<string, Map<string, Claim>>()
  readonly #allocators = new Map<string, SubnetAllocator>()
  readonly #reservations: Reservations

  constructor(reservations: Reservations) {
    this.#reservations = reservations
  }

  put(subnetId: string, address: string, claim: AddressClaim & { modRevision: number }): void {
    const claims = this.#claims.get(subnetId) ?? new Map<string, Claim>()
    this.#claims.set(subnetId, claims)
    claims.set(address, { port: claim.port, chosen: claim.chosen, modRevision: claim.modRevision })
    const allocator = this.#allocators.get(subnetId)
    allocator?.take(address)
    if (claim.chosen) allocator?.given(address)
  }

  delete(subnetId: string, address: string): void {
    const claims = this.#claims.get(subnetId)
    claims?.delete(address)
    if (claims?.size === 0) this.#claims.delete(subnetId)
    if (!this.#reservations.has(subnetId, address)) this.#allocators.get(subnetId)?.free(address)
  }

  /** The port that has the address. */
  holder(subnetId: string, address: string): string | undefined {
    return this.#claims.get(subnetId)?.get(address)?.port
  }

  /** How many addresses of the subnet are claimed, in and outside of its pools. */
  inUse(subnetId: string): number {
    return this.#claims.get(subnetId)?.size ?? 0
  }

  /** The subnet's pools changed, or it is gone. */
  forgetAllocator(subnetId: string): void {
    this.#allocators.delete(subnetId)
  }

  allocator(subnet: Subnet): SubnetAllocator {
    const known = this.#allocators.get(subnet.id)
    if (known) return known
    const made = new SubnetAllocator(subnet.ip_version, subnet.allocation_pools)
    this.#allocators.set(subnet.id, made)
    let newest: [modRevision: number, address: string] | undefined
    for (const [address, claim] of this.#claims.get(subnet.id) ?? []) {
      made.take(address)
      if (claim.chosen && claim.modRevision > (newest?.[0] ?? 0)) newest = [claim.modRevision, address]
    }
    for (const address of this.#reservations.of(subnet.id)) made.take(address)
    if (newest) made.given(newest[1])
    return made
  }

  /** Makes the address a candidate again, unless a port has it. */
  reservationEnded(subnetId: string, address: string): void {
    if (this.holder(subnetId, address) === undefined) this.#allocators.get(subnetId)?.free(address)
  }

  reservationMade(subnetId: string, address: string): void {
    const allocator = this.#allocators.get(subnetId)
    allocator?.take(address)
    allocator?.given(address)
  }
}
