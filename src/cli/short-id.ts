/** An id as Docker shows it: the first 12 digits, which nearly always are enough. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
