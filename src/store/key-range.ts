/**
 * The least text that sorts after every text beginning with `prefix`, in UTF-8's byte order (which is the order of code
 * points, and the order of both stores); `undefined` when there is none: every key from `prefix` on begins with it.
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, character => character.codePointAt(0) ?? 0)
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    const next = nextCodePoint(point)
    if (next !== undefined) return String.fromCodePoint(...points, next)
  }
  return undefined
}

function nextCodePoint(point: number): number | undefined {
  if (point === 0x10ffff) return undefined
  // U+D800 to U+DFFF are halves of UTF-16 pairs, no characters.
  return point === 0xd7ff ? 0xe000 : point + 1
}
