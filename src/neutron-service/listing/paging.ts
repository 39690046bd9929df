export interface Paging<R> {
  /** 0: no limit. */
  limit: number
  /** The last resource of the page before (the first one of the page after, in reverse). It need not be in the list. */
  marker: R | undefined
  reverse: boolean
  order: (a: R, b: R) => number
}

/** The page, in the list's own order also when paging backwards. Begins behind the place that the marker has or would have. */
export function page<R>(sorted: readonly R[], { limit, marker, reverse, order }: Paging<R>): R[] {
  if (!reverse) {
    const from = marker === undefined ? 0 : sorted.filter(one => order(one, marker) <= 0).length
    return sorted.slice(from, limit === 0 ? undefined : from + limit)
  }
  const until = marker === undefined ? sorted.length : sorted.filter(one => order(one, marker) < 0).length
  return sorted.slice(limit === 0 ? 0 : Math.max(0, until - limit), until)
}
