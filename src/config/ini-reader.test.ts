import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readIni } from './ini-reader.ts'
import { writeIniEntry } from './ini-writer.ts'

function values(text: string): [string, string][] {
  return readIni(text, 'f').entries.map(({ key, value }) => [key, value])
}

function problems(text: string): string[] {
  return readIni(text, 'f').problems.map(({ where, what }) => `${where}: ${what}`)
}

describe('readIni', () => {
  test.each([
    ['an equals sign', '[s]\na = b: c', 'b: c'],
    ['a colon', '[s]\na: b = c', 'b = c'],
    ['nothing', '[s]\na =', ''],
    ['double quotes', '[s]\na = " b "', ' b '],
    ['single quotes', "[s]\na = 'b'", 'b'],
    ['a quote that is not closed', '[s]\na = "b', '"b'],
    ['a sign of comments within', '[s]\na = b # c ; d', 'b # c ; d'],
    ['continuation lines', '[s]\na = b\n  c\n\td', 'b\nc\nd'],
    ['carriage returns', '[s]\r\na = b\r\n', 'b'],
    ['a byte order mark before the file', '\uFEFF[s]\na = b', 'b'],
  ])('reads a value with %s', (_title, text, value) => {
    expect(values(text)).toEqual([['a', value]])
    expect(problems(text)).toEqual([])
  })

  test('ends a continued value at a blank line and at a comment', () => {
    expect(problems('[s]\na = b\n\n  c')).toEqual([
      'f:4: unexpected continuation: an indented line goes on with the value above it, and there is none',
    ])
    expect(values('[s]\na = b\n# x\nc = d')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test('tells section and line of each entry, and keeps repeated keys', () => {
    expect(readIni('[s]\na=1\n[t]\na=2\na=3', 'f').entries).toEqual([
      { section: 's', key: 'a', value: '1', line: 2 },
      { section: 't', key: 'a', value: '2', line: 4 },
      { section: 't', key: 'a', value: '3', line: 5 },
    ])
  })

  test('tells every line that makes no sense, and reads the others', () => {
    const text = 'early = 1\n[s\n[]\n[s]\nnonsense here\n  of two lines\n= x\na = b'
    expect(problems(text)).toEqual([
      'f:1: "early" stands before any section: write [DEFAULT] or its section above it',
      'f:2: expected a section such as [DEFAULT], got "[s"',
      'f:3: expected a section such as [DEFAULT], got "[]"',
      'f:5: expected "option = value", got "nonsense…"',
      'f:7: expected the name of an option before the "=" or ":", got none',
    ])
    expect(values(text)).toEqual([['a', 'b']])
  })

  test('never throws, and places everything on a line of the file', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('[s]', 'a = "', ' b', '#', '[', '=', '\t', ';x'),
    )
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const text = lines.join(end)
        const { entries, sections } = readIni(text, 'f')
        const count = text.split(/\r\n|\r|\n/).length
        for (const { line } of [...entries, ...sections]) expect(line).toBeLessThanOrEqual(count)
      }),
      { numRuns: 2000 },
    )
  }, 60_000)

  test('reads back what writeIniEntry writes', () => {
    let written = 0
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), (key, value) => {
        const entry = writeIniEntry(key, value)
        if (entry === undefined) return
        written++
        expect(values(`[s]\n${entry}\n`)).toEqual([[key, value]])
      }),
      { numRuns: 5000 },
    )
    expect(written).toBeGreaterThan(500)
  }, 60_000)
})
