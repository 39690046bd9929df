import type { Query } from '../../neutron/neutron.ts'
import { badRequest, excerpt } from '../bodies/body-reader.ts'
import { matcher } from './filters.ts'
import { page, type Paging } from './paging.ts'
import { valuesOf } from './query-values.ts'
import { comparator } from './sorting.ts'

/** Parameters that are not filters. */
const controls = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse'])

interface Listed {
  id: string
}

/** What a kind of resource brings to its lists. */
export interface Listing<R> {
  /** What may be filtered, sorted and asked for. */
  attributes: ReadonlySet<string>
  /** The resource that a `marker` names. @throws NeutronError the kind's NotFound, as Neutron does */
  marker: (id: string) => R
}

/**
 * Neutron's list call over resources in memory: filters, order, page, fields, in this order.
 * @throws NeutronError HTTPBadRequest for a parameter that does not fit, the kind's NotFound for an unknown marker
 */
export function listResources<R extends Listed>(resources: Iterable<R>, query: Query, listing: Listing<R>): R[] {
  const filters = Object.entries(query).filter(([name, value]) => value !== undefined && !controls.has(name))
  const matches = matcher(filters, listing.attributes)
  const order = comparator(query, listing.attributes)
  const paging = { ...pagingOf(query, listing), order }
  const paged = page([...resources].filter(matches).sort(order), paging)
  const fields = valuesOf(query.fields)
  return fields.length === 0 ? paged : paged.map(resource => only(resource, fields))
}

function pagingOf<R>(query: Query, listing: Listing<R>): Omit<Paging<R>, 'order'> {
  const text = String(query.limit ?? 0)
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`Limit must be an integer 0 or greater and not ${excerpt(text)}`)
  const limit = Number(text)
  const [id] = valuesOf(query.marker)
  const reverse = String(query.page_reverse ?? false).toLowerCase() === 'true'
  // Neutron does not look at a marker without a limit.
  return { limit, marker: limit > 0 && id !== undefined ? listing.marker(id) : undefined, reverse }
}

/** The resource with these attributes alone. The caller who asked for fields knows that the others are missing. */
function only<R extends Listed>(resource: R, fields: readonly string[]): R {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => fields.includes(name))) as R
}
