import { NeutronError } from '../neutron/errors.ts'
import type { Query } from '../neutron/neutron.ts'

/** A list request: what the network service is asked, and what paging and `fields` need of it afterwards. */
export interface ListRequest {
  query: Query
  /** Most resources in the answer; `undefined`: no paging. */
  limit: number | undefined
  pageReverse: boolean
  /** The fields to answer with; `undefined`: all. */
  fields: readonly string[] | undefined
}

/** Query parameters as they came: one value, or several for a repeated parameter. */
export type RawQuery = Readonly<Record<string, string | string[] | undefined>>

const tagFilters = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any'])
const listParameters = new Set(['limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'fields'])

/**
 * Neutron's list parameters out of a URL's: filters under their own names, tag filters split at commas, `limit=0` as no
 * limit. @throws NeutronError HTTPBadRequest for a limit or a sorting that is none.
 */
export function readListQuery(raw: RawQuery): ListRequest {
  const limit = readLimit(last(raw.limit))
  const pageReverse = last(raw.page_reverse)?.toLowerCase() === 'true'
  const marker = last(raw.marker)
  const fields = several(raw.fields)
  return {
    query: {
      ...readFilters(raw),
      ...readSorting(raw),
      ...(limit !== undefined && { limit }),
      ...(limit !== undefined && marker !== undefined && marker !== '' && { marker }),
      ...(limit !== undefined && pageReverse && { page_reverse: true }),
      // The links to the next page name the last resource by its id.
      ...(fields.length > 0 && { fields: limit === undefined ? fields : [...new Set([...fields, 'id'])] }),
    },
    limit,
    pageReverse,
    fields: fields.length > 0 ? fields : undefined,
  }
}

/** Only `fields` of `resource`; all of it without them. Names that it has not are passed over, as Neutron does. */
export function selectFields(resource: object, fields: readonly string[] | undefined): object {
  if (fields === undefined) return resource
  const wanted = new Set(fields)
  return Object.fromEntries(Object.entries(resource).filter(([name]) => wanted.has(name)))
}

function readFilters(raw: RawQuery): Query {
  const filters: [string, string | string[]][] = []
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined || listParameters.has(name)) continue
    // What every object has by birth (`__proto__`, `toString`) is no field of a resource, and must not look like one.
    if (name in Object.prototype) throw badRequest(`[${name}] is invalid attribute for filtering`)
    if (tagFilters.has(name)) filters.push([name, several(value).flatMap(splitAtCommas)])
    else filters.push([name, value])
  }
  return Object.fromEntries(filters)
}

function readSorting(raw: RawQuery): Query {
  const keys = several(raw.sort_key)
  const directions = several(raw.sort_dir)
  if (keys.length !== directions.length)
    throw badRequest(
      `The number of sort_keys and sort_dirs must be same: there are ${keys.length} and ${directions.length}`,
    )
  const wrong = directions.filter(direction => direction !== 'asc' && direction !== 'desc')
  if (wrong.length > 0)
    throw badRequest(`${wrong.join(', ')} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`)
  return keys.length === 0 ? {} : { sort_key: keys, sort_dir: directions }
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const limit = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (Number.isNaN(limit)) throw badRequest(`Limit must be an integer 0 or greater and not '${text}'`)
  return limit === 0 ? undefined : limit
}

function splitAtCommas(text: string): string[] {
  return text.split(',').filter(part => part !== '')
}

function several(value: string | string[] | undefined): string[] {
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value]
  return values.filter(part => part !== '')
}

function last(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.at(-1) : value
}

function badRequest(message: string): NeutronError {
  return new NeutronError('HTTPBadRequest', message)
}
