import type { Query } from '../../neutron/neutron.ts'
import { canonicalIpAddress } from '../../addressing/ip-address.ts'
import { badRequest, excerpt } from '../bodies/body-reader.ts'
import { valuesOf } from './query-values.ts'

type Matches = (resource: object) => boolean
type Filter = [name: string, value: Query[string]]

/** Whether a resource passes all the filters. @throws NeutronError HTTPBadRequest for a filter that is none */
export function matcher(filters: readonly Filter[], attributes: ReadonlySet<string>): Matches {
  const all = filters.map(([name, value]) => filterOf(name, value, attributes))
  return resource => all.every(matches => matches(resource))
}

function filterOf(name: string, value: Query[string], attributes: ReadonlySet<string>): Matches {
  const byTags = attributes.has('tags') ? tagFilters.get(name) : undefined
  if (byTags) {
    const wanted = valuesOf(value).flatMap(text => text.split(','))
    return resource => byTags(new Set((resource as { tags?: string[] }).tags), wanted)
  }
  if (!attributes.has(name)) throw badRequest(`[${excerpt(name)}] is invalid attribute for filtering`)
  if (name === 'fixed_ips') return fixedIpsFilter(valuesOf(value))
  const wanted = new Set(valuesOf(value).map(text => comparable(name, text)))
  return resource => wanted.has(comparable(name, (resource as Record<string, unknown>)[name]))
}

// A map and not an object: the names come from the wire, and an object also has `constructor` and `__proto__`.
const tagFilters = new Map<string, (tags: ReadonlySet<string>, wanted: string[]) => boolean>([
  ['tags', (tags, wanted) => wanted.every(tag => tags.has(tag))],
  ['tags-any', (tags, wanted) => wanted.some(tag => tags.has(tag))],
  ['not-tags', (tags, wanted) => !wanted.every(tag => tags.has(tag))],
  ['not-tags-any', (tags, wanted) => !wanted.some(tag => tags.has(tag))],
])

/** Neutron's: any of the subnets asked for, and any of the addresses asked for. */
function fixedIpsFilter(criteria: readonly string[]): Matches {
  const wanted = { subnet_id: new Set<string>(), ip_address: new Set<string>(), ip_address_substr: new Set<string>() }
  for (const criterion of criteria) {
    const [, name, value = ''] = /^(subnet_id|ip_address|ip_address_substr)=(.*)$/s.exec(criterion) ?? []
    if (name === undefined) {
      const expected = "expected 'subnet_id=…', 'ip_address=…' or 'ip_address_substr=…'"
      throw badRequest(`Invalid input for fixed_ips. Reason: ${excerpt(criterion)}: ${expected}.`)
    }
    wanted[name as keyof typeof wanted].add(name === 'ip_address' ? canonical(value) : value)
  }
  return resource => {
    const fixedIps = (resource as { fixed_ips?: { subnet_id: string; ip_address: string }[] }).fixed_ips ?? []
    const some = (name: keyof typeof wanted, test: (fixed: (typeof fixedIps)[number]) => boolean) =>
      wanted[name].size === 0 || fixedIps.some(test)
    return (
      some('subnet_id', fixed => wanted.subnet_id.has(fixed.subnet_id)) &&
      some('ip_address', fixed => wanted.ip_address.has(fixed.ip_address)) &&
      some('ip_address_substr', fixed => [...wanted.ip_address_substr].some(part => fixed.ip_address.includes(part)))
    )
  }
}

/** Booleans in any case, MACs in lower case, absent values as nothing. */
function comparable(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (name === 'mac_address' || /^(true|false)$/i.test(text)) return text.toLowerCase()
  return text
}

function canonical(address: string): string {
  try {
    return canonicalIpAddress(address)
  } catch {
    return address
  }
}
