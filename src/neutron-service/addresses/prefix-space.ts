import { type Cidr, containsCidr, overlaps } from '../../addressing/cidr.ts'

/** Bits of an address: 32 or 128. */
export function addressBits(version: 4 | 6): number {
  return version === 4 ? 32 : 128
}

/** The block of `prefixLength` that begins with the network of `first`. */
export function cidrAt(version: 4 | 6, first: bigint, prefixLength: number): Cidr {
  const size = 1n << BigInt(addressBits(version) - prefixLength)
  const start = first - (first % size)
  return { version, first: start, last: start + size - 1n, prefixLength }
}

/** What is left of `blocks` without `taken`, as the fewest aligned blocks. */
export function subtract(blocks: readonly Cidr[], taken: readonly Cidr[]): Cidr[] {
  return taken.reduce<Cidr[]>((left, hole) => left.flatMap(block => without(block, hole)), [...blocks])
}

/** The fewest blocks that cover the same addresses: duplicates and contained blocks dropped, neighbours merged. */
export function mergeCidrs(cidrs: readonly Cidr[]): Cidr[] {
  const merged: Cidr[] = []
  for (const cidr of [...cidrs].sort(byPlace)) {
    const previous = merged.at(-1)
    if (previous && containsCidr(previous, cidr)) continue
    merged.push(cidr)
    joinLastPairs(merged)
  }
  return merged
}

function byPlace(a: Cidr, b: Cidr): number {
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.prefixLength - b.prefixLength
}

function without(block: Cidr, hole: Cidr): Cidr[] {
  if (!overlaps(block, hole)) return [block]
  if (containsCidr(hole, block)) return []
  const lower = cidrAt(block.version, block.first, block.prefixLength + 1)
  const upper = cidrAt(block.version, block.last, block.prefixLength + 1)
  return [...without(lower, hole), ...without(upper, hole)]
}

function joinLastPairs(merged: Cidr[]): void {
  for (;;) {
    const [low, high] = merged.slice(-2)
    if (!low || low.prefixLength === 0 || low.prefixLength !== high?.prefixLength) return
    const parent = cidrAt(low.version, low.first, low.prefixLength - 1)
    if (parent.first !== low.first || parent.last !== high.last) return
    merged.splice(-2, 2, parent)
  }
}
