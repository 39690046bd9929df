import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OccupancyBitmap } from './occupancy-bitmap.ts'
import { poolOccupancy } from './pool-occupancy.ts'
import { SubnetAllocator } from './subnet-allocator.ts'

/** The plainest thing that could be right: a set, searched one by one. */
class Oracle {
  readonly taken = new Set<number>()
  readonly size: number

  constructor(size: number) {
    this.size = size
  }

  nextFree(from: number): number | undefined {
    for (let at = from; at < this.size; at += 1) if (!this.taken.has(at)) return at
    return undefined
  }
}

describe('the bitmap of taken addresses', () => {
  it('agrees with a set under any takes and frees, at sizes around the edges of words and levels', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(1023, 1024, 1025, 1056, 1057))
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat(40)), { maxLength: 120 })
    fc.assert(
      fc.property(size, steps, (count, all) => {
        const [bitmap, oracle] = [new OccupancyBitmap(count), new Oracle(count)]
        for (const [take, place, run] of all) {
          for (let at = place % count; at <= Math.min(count - 1, (place % count) + run); at += 1) {
            if (take) bitmap.take(at)
            else bitmap.free(at)
            if (take) oracle.taken.add(at)
            else oracle.taken.delete(at)
          }
          expect(bitmap.taken).toBe(oracle.taken.size)
          const from = (place * 7) % count
          expect(bitmap.nextFree(from)).toBe(oracle.nextFree(from))
          expect(bitmap.has(from)).toBe(oracle.taken.has(from))
        }
      }),
    )
  })

  it('finds the only free one of 2^24, and none when that is taken', () => {
    const bitmap = new OccupancyBitmap(2 ** 24)
    for (let at = 0; at < 2 ** 24; at += 1) if (at !== 12_345_678) bitmap.take(at)
    expect(bitmap.nextFree(0)).toBe(12_345_678)
    expect(bitmap.nextFree(12_345_679)).toBeUndefined()
    bitmap.take(12_345_678)
    expect(bitmap.nextFree(0)).toBeUndefined()
    bitmap.free(2 ** 24 - 1)
    expect(bitmap.nextFree(0)).toBe(2 ** 24 - 1)
  })
})

describe('a pool of addresses', () => {
  it.each([
    ['kept as bits', 1n << 10n],
    ['kept as a set', 1n << 70n],
  ])('%s gives only free addresses of its own', (_name, size) => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 150 }), fc.nat(200), (offsets, start) => {
        const first = 0xfd00n
        const pool = poolOccupancy(first, first + size - 1n)
        for (const offset of offsets) pool.take(first + BigInt(offset))
        expect(pool.taken).toBe(new Set(offsets).size)
        const found = pool.nextFree(first + BigInt(start))
        expect(found !== undefined && found >= first && found < first + size).toBe(true)
        expect(offsets.map(offset => first + BigInt(offset))).not.toContain(found)
        for (const offset of offsets) pool.free(first + BigInt(offset))
        expect(pool.nextFree(first)).toBe(first)
      }),
    )
  })
})

describe('the allocator of a subnet', () => {
  const pools = [
    { start: '10.0.0.2', end: '10.0.0.4' },
    { start: '10.0.0.8', end: '10.0.0.9' },
  ]

  it('gives every address of every pool once, and then none', () => {
    const allocator = new SubnetAllocator(4, pools)
    const given: string[] = []
    for (let next = allocator.next(); next !== undefined; next = allocator.next()) {
      given.push(next)
      allocator.take(next)
      allocator.given(next)
    }
    expect(given).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.8', '10.0.0.9'])
    expect(allocator.fill).toEqual({ size: 5n, taken: 5 })
    expect(allocator.anywhere(() => 0.5)).toBeUndefined()
  })

  it('gives an address that was released again only after the others', () => {
    const allocator = new SubnetAllocator(4, pools)
    allocator.take('10.0.0.2')
    allocator.given('10.0.0.2')
    allocator.free('10.0.0.2')
    expect(allocator.next()).toBe('10.0.0.3')
  })

  it('finds a free one from any place, and does not mind addresses outside of its pools', () => {
    const allocator = new SubnetAllocator(4, pools)
    allocator.take('10.0.0.1')
    for (const address of ['10.0.0.3', '10.0.0.4', '10.0.0.8', '10.0.0.9']) allocator.take(address)
    for (const place of [0, 0.3, 0.7, 0.999_999]) expect(allocator.anywhere(() => place)).toBe('10.0.0.2')
    expect(new SubnetAllocator(6, []).next()).toBeUndefined()
  })
})
