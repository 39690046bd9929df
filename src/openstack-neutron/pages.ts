import type { Query } from '../neutron/neutron.ts'
import { readBody } from './read-resource.ts'

/**
 * The pages of a list: Neutron cuts a list at `pagination_max_limit` and links the next part. Who asks for a `limit` gets
 * one page.
 */
export async function* pagesOf(
  plural: string,
  query: Query,
  ask: (page: Query) => Promise<string>,
): AsyncGenerator<unknown[]> {
  let page: Query | undefined = query
  while (page !== undefined) {
    const { content, all } = readBody(await ask(page), plural)
    const resources: unknown[] = Array.isArray(content) ? content : []
    yield resources
    const next: Record<string, string> | undefined =
      query.limit === undefined ? nextPage(all[`${plural}_links`]) : undefined
    // An empty page, or the same one again, would go on for ever.
    const goesOn: boolean = next !== undefined && resources.length > 0 && next.marker !== page.marker
    page = goesOn ? { ...query, ...next } : undefined
  }
}

/** Of the link only where to go on is taken: its host may be one that only the service itself can reach. */
function nextPage(links: unknown): Record<string, string> | undefined {
  if (!Array.isArray(links)) return undefined
  const next = (links as { rel?: unknown; href?: unknown }[]).find(link => link.rel === 'next')?.href
  if (typeof next !== 'string' || !URL.canParse(next, 'http://neutron')) return undefined
  const parameters = new URL(next, 'http://neutron').searchParams
  const marker = parameters.get('marker')
  const limit = parameters.get('limit')
  return marker === null ? undefined : { marker, ...(limit !== null && { limit }) }
}
