import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Cidr, containsCidr, formatCidr, overlaps, parseCidr } from '../addressing/cidr.ts'
import { firstFree } from './choose-free-prefix.ts'

const within = parseCidr('10.192.0.0/20')

/** What a search block by block finds. */
function oracle(prefixLength: number, taken: Cidr[]): string | undefined {
  const size = 1n << BigInt(32 - prefixLength)
  for (let first = within.first; first <= within.last; first += size) {
    const block: Cidr = { version: 4, first, last: first + size - 1n, prefixLength }
    if (!taken.some(other => overlaps(other, block))) return formatCidr(block)
  }
  return undefined
}

it('the first block that overlaps nothing, as a search of all blocks finds it', () => {
  const cidr = fc.tuple(fc.bigInt({ min: 0n, max: 0x2fffn }), fc.integer({ min: 20, max: 32 })).map(([at, length]) => {
    const size = 1n << BigInt(32 - length)
    const first = ((within.first - 0x1000n + at) / size) * size
    return { version: 4, first, last: first + size - 1n, prefixLength: length } as const
  })
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 40 }), fc.integer({ min: 20, max: 28 }), (taken, length) => {
      const found = firstFree(within, length, taken)
      expect(found && formatCidr(found)).toBe(oracle(length, taken))
      if (found) expect(containsCidr(within, found)).toBe(true)
    }),
  )
})

it('is found at once behind a large block, also in IPv6', () => {
  const ula = parseCidr('fd00::/16')
  const found = firstFree(ula, 64, [parseCidr('fd00::/17')])
  expect(found && formatCidr(found)).toBe('fd00:8000::/64')
})

it('a block longer than the whole is never free', () => expect(firstFree(within, 19, [])).toBeUndefined())
