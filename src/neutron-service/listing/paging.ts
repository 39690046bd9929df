import { badRequest, excerpt } from '../bodies/body-reader.ts'

export interface Paging {
  /** 0: no limit. */
  limit: number
  /** The id of the last resource of the page before (of the first one of the page after, in reverse). */
  marker: string | undefined
  reverse: boolean
}

/** The page, in the list's own order also when paging backwards. @throws NeutronError HTTPBadRequest for an unknown marker */
export function page<R extends { id: string }>(sorted: readonly R[], { limit, marker, reverse }: Paging): R[] {
  const at = marker === undefined ? undefined : sorted.findIndex(({ id }) => id === marker)
  if (at === -1) throw badRequest(`Invalid marker: ${excerpt(marker)} is not in the list`)
  if (!reverse) {
    const from = at === undefined ? 0 : at + 1
    return sorted.slice(from, limit === 0 ? undefined : from + limit)
  }
  const until = at ?? sorted.length
  return sorted.slice(limit === 0 ? 0 : Math.max(0, until - limit), until)
}
