import { type Cidr, formatCidr, overlaps, parseCidr } from '../addressing/cidr.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { SubnetPool } from '../neutron/resources.ts'
import type { IpamContext } from './context.ts'

/** Where prefixes come from: a subnet pool. */
type PrefixSource = Pick<SubnetPool, 'id' | 'name' | 'prefixes' | 'default_prefixlen'>

/**
 * A prefix for a network without `--subnet`: the first of the default pool (or the pool that the user named) that
 * overlaps neither a subnet nor a pool of another Docker network.
 *
 * Two hosts may choose the same one at the same moment: their networks are separate all the same, each with its own
 * bridge and VXLAN network identifier.
 *
 * @throws {RangeError} when there is no such pool, or none of its prefixes is free.
 */
export async function chooseFreePrefix(
  context: IpamContext,
  { version, from }: { version: 4 | 6; from: SubnetPool | undefined },
  call: Call,
): Promise<Cidr> {
  const source = from ?? (await defaultPool(context, version, call))
  const taken = await takenPrefixes(context.neutron, { version, source }, call)
  for (const prefix of source.prefixes) {
    const free = firstFree(parseCidr(prefix), source.default_prefixlen, taken)
    if (free) return free
  }
  throw new RangeError(
    `subnet pool ${source.name} (${source.prefixes.join(', ')}) has no free /${source.default_prefixlen} left: give --subnet, or add a prefix to the pool`,
  )
}

/** The operator's default pool; where there is none, our own default (which needs no pool to be there). */
async function defaultPool({ neutron, options }: IpamContext, version: 4 | 6, call: Call): Promise<PrefixSource> {
  const name = options.defaultSubnetPool[version]
  const [pool, second] = await neutron.subnetpools.list({ name, ip_version: version }, call)
  if (second) throw new RangeError(`several subnet pools are named ${name}, the default for networks without --subnet`)
  if (pool) return pool
  const own = options.defaultPrefixes?.[version]
  if (own) return { id: '', name: `${name} (built in)`, prefixes: [own.prefix], default_prefixlen: own.prefixLength }
  throw new RangeError(
    `no --subnet was given, and there is no default subnet pool named ${name}: give --subnet, or make the pool`,
  )
}

async function takenPrefixes(
  neutron: Neutron,
  { version, source }: { version: 4 | 6; source: PrefixSource },
  call: Call,
): Promise<Cidr[]> {
  const [subnets, pools] = await Promise.all([
    neutron.subnets.list({ ip_version: version }, call),
    neutron.subnetpools.list({ ip_version: version }, call),
  ])
  const ours = pools.filter(({ id }) => id !== source.id).flatMap(({ prefixes }) => prefixes)
  const inUse = [...subnets.map(({ cidr }) => cidr), ...ours].map(parseCidr)
  // A pool that holds the source whole is another source, not a network.
  return inUse.filter(
    cidr =>
      !source.prefixes.some(prefix => cidr.first <= parseCidr(prefix).first && cidr.last >= parseCidr(prefix).last),
  )
}

/** The first block of this length that overlaps none of `taken`: jumps over each block in the way. */
export function firstFree(within: Cidr, prefixLength: number, taken: readonly Cidr[]): Cidr | undefined {
  const width = within.version === 4 ? 32 : 128
  const size = 1n << BigInt(width - prefixLength)
  let first = within.first
  while (first + size - 1n <= within.last) {
    const candidate: Cidr = { version: within.version, first, last: first + size - 1n, prefixLength }
    const inTheWay = taken.filter(cidr => overlaps(cidr, candidate))
    if (inTheWay.length === 0) return parseCidr(formatCidr(candidate))
    const last = inTheWay.reduce((most, cidr) => (cidr.last > most ? cidr.last : most), candidate.last)
    first = within.first + ((last - within.first) / size + 1n) * size
  }
  return undefined
}
