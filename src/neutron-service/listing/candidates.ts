import type { Query } from '../../neutron/neutron.ts'
import { canonicalIpAddress } from '../../addressing/ip-address.ts'
import type { ResourceTable } from '../replica/resource-table.ts'
import { valuesOf } from './query-values.ts'

/** The fewest resources that hold all that the query can match, by the best index that it allows. */
export function candidates<R>(table: ResourceTable<R>, query: Query): Iterable<R> {
  const ids = valuesOf(query.id)
  if (ids.length > 0) return [...new Set(ids)].flatMap(id => table.get(id)?.value ?? [])
  let best: { field: string; values: string[]; count: number } | undefined
  for (const [field, values] of lookups(table, query)) {
    const count = values.reduce((sum, value) => sum + table.count(field, value), 0)
    if (!best || count < best.count) best = { field, values, count }
  }
  if (!best) return table.values()
  const { field, values } = best
  return values.length === 1
    ? table.with(field, values[0] ?? '')
    : new Set(values.flatMap(value => [...table.with(field, value)]))
}

/** Each index that applies, with the values to look up in it. */
function* lookups<R>(table: ResourceTable<R>, query: Query): Generator<[field: string, values: string[]]> {
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    const values = valuesOf(value)
    if (name === 'fixed_ips') {
      const addresses = values.flatMap(text =>
        text.startsWith('ip_address=') ? [canonical(text.slice('ip_address='.length))] : [],
      )
      if (addresses.length > 0) yield ['fixed_ips.ip_address', addresses]
    } else if (name === 'tags') {
      // A resource must have all tags: one of them suffices to find it.
      for (const tag of values.flatMap(text => text.split(','))) yield ['tags', [tag]]
    } else if (name === 'mac_address') yield [name, values.map(mac => mac.toLowerCase())]
    else if (table.isIndexed(name) && !values.includes('')) yield [name, values]
  }
}

function canonical(address: string): string {
  try {
    return canonicalIpAddress(address)
  } catch {
    return address
  }
}
