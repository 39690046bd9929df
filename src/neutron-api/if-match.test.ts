import { describe, expect, it } from 'vitest'
import { readIfMatch } from './if-match.ts'

describe('If-Match', () => {
  it('names a revision, quoted or not', () => {
    expect(readIfMatch('revision_number=7')).toBe(7)
    expect(readIfMatch(' "revision_number=12" ')).toBe(12)
  })

  it('absent or * asks for nothing', () => {
    expect(readIfMatch(undefined)).toBeUndefined()
    expect(readIfMatch('*')).toBeUndefined()
  })

  it.each(['revision_number=', 'revision_number=x', '"abc"', 'revision_number=1, revision_number=2', ''])(
    '%j is refused rather than passed over',
    header => {
      expect(() => readIfMatch(header)).toThrow(/expected revision_number=<integer>/)
    },
  )
})
