import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prefixEnd } from './key-range.ts'

test.each([
  ['a', 'b'],
  ['net/', 'net0'],
  ['a\u{10FFFF}', 'b'],
  ['\uD7FF', '\uE000'],
])('the end of %j is %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end)
})

test.each(['', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}'])('%j has no end', prefix => {
  expect(prefixEnd(prefix)).toBeUndefined()
})

test('a text lies between a prefix and its end, by bytes, exactly when it begins with the prefix', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 })
  fc.assert(
    fc.property(text, text, fc.boolean(), (prefix, rest, under) => {
      const key = under ? prefix + rest : rest
      const end = prefixEnd(prefix)
      const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
      const within = compare(key, prefix) >= 0 && (end === undefined || compare(key, end) < 0)
      expect(within).toBe(key.startsWith(prefix))
    }),
    { numRuns: 2000 },
  )
})
