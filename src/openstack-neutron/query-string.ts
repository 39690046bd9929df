import type { Query } from '../neutron/neutron.ts'

/** Filters whose values make one parameter, separated by commas. */
const JOINED = ['tags', 'tags-any', 'not-tags', 'not-tags-any']

/** A list's filters as Neutron reads them in a URL, with `?` if there are any. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    const values = Array.isArray(value) ? (value as string[]) : [String(value)]
    if (JOINED.includes(name)) parameters.append(name, values.join(','))
    else for (const one of values) parameters.append(name, one)
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
