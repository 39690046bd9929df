import type { Query } from '../../neutron/neutron.ts'
import { badRequest, excerpt } from '../bodies/body-reader.ts'
import { valuesOf } from './query-values.ts'

/**
 * The order that the query asks for; resources that are alike in it stand by id.
 * @throws NeutronError HTTPBadRequest
 */
export function comparator(query: Query, attributes: ReadonlySet<string>): (a: object, b: object) => number {
  const keys = valuesOf(query.sort_key)
  const directions = valuesOf(query.sort_dir)
  if (keys.length !== directions.length && directions.length > 0) {
    throw badRequest('The number of sort_keys and sort_dirs must be same')
  }
  for (const key of keys)
    if (!attributes.has(key)) throw badRequest(`${excerpt(key)} is invalid attribute for sort_keys`)
  for (const direction of directions) {
    if (direction === 'asc' || direction === 'desc') continue
    throw badRequest(`${excerpt(direction)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`)
  }
  const criteria = [
    ...keys.map((key, at) => ({ key, sign: directions[at] === 'desc' ? -1 : 1 })),
    { key: 'id', sign: 1 },
  ]
  return (a, b) => {
    for (const { key, sign } of criteria) {
      const order = compare((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
      if (order !== 0) return sign * order
    }
    return 0
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [one, other] = [sortable(a), sortable(b)]
  return one === other ? 0 : one < other ? -1 : 1
}

function sortable(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
