import { type Cidr, containsCidr, formatCidr, parseCidr } from '../../addressing/cidr.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { SubnetPool } from '../../neutron/resources.ts'
import { addressBits, mergeCidrs } from '../addresses/prefix-space.ts'
import { cidrAttribute, invalidOperation } from '../refusals.ts'
import type { Tables } from '../replica/tables.ts'

/** Neutron's smallest prefix lengths (largest subnets) of a pool that names none. */
const defaultMinPrefix = { 4: 8, 6: 64 } as const

type Lengths = Pick<SubnetPool, 'min_prefixlen' | 'max_prefixlen' | 'default_prefixlen'>

/**
 * The prefixes in canonical form: host bits dropped, merged, sorted; and their family.
 * @throws NeutronError HTTPBadRequest, EmptySubnetPoolPrefixList, PrefixVersionMismatch
 */
export function checkedPrefixes(prefixes: readonly string[]): { version: 4 | 6; prefixes: string[] } {
  const cidrs = prefixes.map(prefix => cidrAttribute('prefixes', prefix))
  const version = cidrs[0]?.version
  if (version === undefined) throw new NeutronError('EmptySubnetPoolPrefixList', 'Empty subnet pool prefix list.')
  if (cidrs.some(cidr => cidr.version !== version)) {
    throw new NeutronError('PrefixVersionMismatch', 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.')
  }
  return { version, prefixes: mergeCidrs(cidrs).map(formatCidr) }
}

/** The lengths asked for, with Neutron's defaults for the rest. @throws NeutronError IllegalSubnetPoolPrefixBounds */
export function checkedLengths(version: 4 | 6, wanted: Partial<Lengths>): Lengths {
  const bits = addressBits(version)
  const lengths = {
    min_prefixlen: wanted.min_prefixlen ?? defaultMinPrefix[version],
    max_prefixlen: wanted.max_prefixlen ?? bits,
    default_prefixlen: wanted.default_prefixlen ?? wanted.min_prefixlen ?? defaultMinPrefix[version],
  }
  const { min_prefixlen: min, max_prefixlen: max, default_prefixlen: preset } = lengths
  if (max > bits) throw illegalBounds(`max_prefixlen=${max}`, `ip_version=${version}`)
  if (min > max) throw illegalBounds(`min_prefixlen=${min}`, `max_prefixlen=${max}`)
  if (preset < min) throw illegalBounds(`default_prefixlen=${preset}`, `min_prefixlen=${min}`)
  if (preset > max) throw illegalBounds(`default_prefixlen=${preset}`, `max_prefixlen=${max}`)
  return lengths
}

/** @throws NeutronError IllegalSubnetPoolPrefixUpdate when a prefix would be taken away */
export function checkPrefixesGrow(pool: SubnetPool, prefixes: readonly string[]): void {
  const after: Cidr[] = prefixes.map(parseCidr)
  if (pool.prefixes.every(prefix => after.some(cidr => containsCidr(cidr, parseCidr(prefix))))) return
  const message = 'Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.'
  throw new NeutronError('IllegalSubnetPoolPrefixUpdate', message, { detail: `There are ${pool.prefixes.join(', ')}.` })
}

/** @throws NeutronError InvalidInput when another pool is the default of the family */
export function checkOnlyDefault(tables: Tables, pool: Pick<SubnetPool, 'id' | 'ip_version' | 'is_default'>): void {
  if (!pool.is_default) return
  for (const other of tables.subnetpools.values()) {
    if (other.id === pool.id || !other.is_default || other.ip_version !== pool.ip_version) continue
    const problem = 'A default subnetpool for this IP family has already been set'
    throw invalidOperation(`${problem} (${other.id}). Only one default may exist per IP family`)
  }
}

function illegalBounds(one: string, other: string): NeutronError {
  return new NeutronError('IllegalSubnetPoolPrefixBounds', `Illegal prefix bounds: ${one}, ${other}.`)
}
