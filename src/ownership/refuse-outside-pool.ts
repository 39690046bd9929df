import { type Cidr, containsCidr, formatCidr, parseCidr } from '../addressing/cidr.ts'
import type { SubnetPool } from '../neutron/resources.ts'

/** @throws {RangeError} when the CIDR does not lie in one prefix of the pool that it shall be allocated from. */
export function refuseOutsidePool(pool: SubnetPool, cidr: Cidr): void {
  if (pool.prefixes.some(prefix => containsCidr(parseCidr(prefix), cidr))) return
  throw new RangeError(
    `${formatCidr(cidr)} does not lie in subnet pool ${pool.name} (${pool.id}), which has ${pool.prefixes.join(', ')}: give a --subnet that does`,
  )
}
