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

/**
 * Neutron's list call over resources in memory: filters, order, page, fields, in this order.
 * @param attributes the resource's attributes: what may be filtered, sorted and asked for
 * @throws NeutronError HTTPBadRequest for a parameter that does not fit
 */
export function listResources<R extends Listed>(
  resources: Iterable<R>,
  query: Query,
  attributes: ReadonlySet<string>,
): R[] {
  const filters = Object.entries(query).filter(([name, value]) => value !== undefined && !controls.has(name))
  const matches = matcher(filters, attributes)
  const sorted = [...resources].filter(matches).sort(comparator(query, attributes))
  const paged = page(sorted, pagingOf(query))
  const fields = valuesOf(query.fields)
  return fields.length === 0 ? paged : paged.map(resource => only(resource, fields))
}

function pagingOf(query: Query): Paging {
  const limit = query.limit ?? 0
  if (!/^\d{1,9}$/.test(String(limit)))
    throw badRequest(`Limit must be an integer 0 or greater and not ${excerpt(String(limit))}`)
  const [marker] = valuesOf(query.marker)
  const reverse = String(query.page_reverse ?? false).toLowerCase() === 'true'
  return { limit: Number(limit), marker, reverse }
}

/** The resource with these attributes alone. The caller who asked for fields knows that the others are missing. */
function only<R extends Listed>(resource: R, fields: readonly string[]): R {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => fields.includes(name))) as R
}
