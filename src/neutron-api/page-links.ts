import type { ListRequest } from './list-query.ts'

/** A link of `networks_links`: where the neighbouring page is. */
export interface PageLink {
  rel: 'next' | 'previous'
  href: string
}

/**
 * The links beside a page, by Neutron's rule: towards the direction of travel only when the page is full, backwards
 * always. No links without a limit, and none for an empty page, which has no resource to continue from.
 */
export function pageLinks(url: URL, { limit, pageReverse }: ListRequest, ids: readonly string[]): PageLink[] {
  const [first, last] = [ids.at(0), ids.at(-1)]
  if (limit === undefined || first === undefined || last === undefined) return []
  const full = ids.length >= limit
  const links: PageLink[] = []
  if (full || pageReverse) links.push({ rel: 'next', href: neighbour(url, { marker: last }) })
  if (full || !pageReverse)
    links.push({ rel: 'previous', href: neighbour(url, { marker: first, page_reverse: 'True' }) })
  return links
}

function neighbour(url: URL, parameters: { marker: string; page_reverse?: string }): string {
  const target = new URL(url)
  target.searchParams.delete('page_reverse')
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
  return target.href
}
