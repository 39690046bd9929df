import { type Cidr, containsCidr, formatCidr, overlaps, parseCidr } from '../../addressing/cidr.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { SubnetPool } from '../../neutron/resources.ts'
import type { Condition } from '../../store/store.ts'
import { cidrAt, subtract } from '../addresses/prefix-space.ts'
import { keys } from '../keys.ts'
import { cidrAttribute, invalidOperation } from '../refusals.ts'
import type { Tables } from '../replica/tables.ts'
import { found, kinds } from '../resource-kind.ts'

interface Wanted {
  subnetId: string
  cidr?: string | null
  prefixlen?: number
  ip_version?: number
}

/**
 * A prefix of the pool for a subnet: the CIDR asked for, or one of the length asked for (else of the pool's default
 * length). Two allocations of one pool never overlap.
 * @throws NeutronError SubnetAllocationError, InvalidInput, …
 */
export function allocatePrefix(
  tables: Tables,
  poolId: string,
  wanted: Wanted,
): { cidr: Cidr; when: Condition[]; put: Record<string, unknown> } {
  const { value: pool, modRevision } = found(kinds.subnetpools, tables, poolId)
  if (wanted.ip_version !== undefined && wanted.ip_version !== pool.ip_version) {
    throw invalidOperation(
      `ip_version '${wanted.ip_version}' is not that of subnet pool ${poolId}, '${pool.ip_version}'`,
    )
  }
  const row = tables.poolPrefixes.get(poolId)
  const taken = (row?.value ?? []).map(({ cidr }) => parseCidr(cidr))
  const cidr = wanted.cidr == null ? anyPrefix(pool, taken, wanted.prefixlen) : thisPrefix(pool, taken, wanted.cidr)
  const key = keys.poolPrefixes(poolId)
  return {
    cidr,
    when: [
      { key: keys.subnetpool(poolId), modRevision },
      row ? { key, modRevision: row.modRevision } : { key, exists: false },
    ],
    put: { [key]: [...(row?.value ?? []), { id: wanted.subnetId, cidr: formatCidr(cidr) }] },
  }
}

function thisPrefix(pool: SubnetPool, taken: readonly Cidr[], text: string): Cidr {
  const cidr = cidrAttribute('cidr', text)
  checkLength(pool, cidr.prefixLength)
  const inside = pool.prefixes.some(prefix => containsCidr(parseCidr(prefix), cidr))
  if (inside && !taken.some(other => overlaps(other, cidr))) return cidr
  throw new NeutronError(
    'SubnetAllocationError',
    'Failed to allocate subnet: Cannot allocate requested subnet from the available set of prefixes.',
    {
      detail: `${text} of pool ${pool.id}: ${inside ? 'a part of it is in use' : `outside of ${pool.prefixes.join(', ')}`}`,
    },
  )
}

function anyPrefix(pool: SubnetPool, taken: readonly Cidr[], length = pool.default_prefixlen): Cidr {
  checkLength(pool, length)
  const free = subtract(pool.prefixes.map(parseCidr), taken)
  // The smallest block that is large enough, so that large ones stay whole.
  const [block] = free
    .filter(({ prefixLength }) => prefixLength <= length)
    .sort((a, b) => b.prefixLength - a.prefixLength)
  if (block) return cidrAt(block.version, block.first, length)
  throw new NeutronError(
    'SubnetAllocationError',
    `Failed to allocate subnet: Insufficient prefix space to allocate subnet size /${length}.`,
  )
}

function checkLength(pool: SubnetPool, length: number): void {
  if (length < pool.min_prefixlen) {
    const message = `Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${pool.min_prefixlen}.`
    throw new NeutronError('MinPrefixSubnetAllocationError', message)
  }
  if (length > pool.max_prefixlen) {
    const message = `Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${pool.max_prefixlen}.`
    throw new NeutronError('MaxPrefixSubnetAllocationError', message)
  }
}
