import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonLines } from './json-lines.ts'

function reader(longestLine?: number) {
  const bad: { why: string; beginning: string }[] = []
  const lines = new JsonLines((why, beginning) => bad.push({ why, beginning }), longestLine)
  const push = (text: string | Buffer): unknown[] => [...lines.push(Buffer.from(text as string))]
  return { bad, push }
}

describe('JSON lines', () => {
  it('gives several lines of one chunk, and none until a line ends', () => {
    const { push } = reader()
    expect(push('{"a":1}\n{"b":')).toEqual([{ a: 1 }])
    expect(push('2')).toEqual([])
    expect(push('}\r\n\n  \n3\n')).toEqual([{ b: 2 }, 3])
  })

  it('puts a character together that was cut', () => {
    const { push } = reader()
    const bytes = Buffer.from('"🐳ü"\n')
    const values = [...bytes].flatMap(byte => push(Buffer.from([byte])))
    expect(values).toEqual(['🐳ü'])
  })

  it('leaves out a line that is no JSON, and tells', () => {
    const { push, bad } = reader()
    expect(push('1\n{"a":}\n2\nnull\n')).toEqual([1, 2, null])
    expect(bad).toEqual([{ why: expect.stringContaining('JSON') as string, beginning: '{"a":}' }])
  })

  it('leaves out a line that is too long, in any number of chunks, and goes on with the next', () => {
    const { push, bad } = reader(10)
    expect(push('"12345678"\n')).toEqual(['12345678'])
    expect(push('"1234567')).toEqual([])
    for (let i = 0; i < 100; i++) expect(push('x'.repeat(5))).toEqual([])
    expect(push('"\n"ok"\n')).toEqual(['ok'])
    expect(push('"123456789"\n')).toEqual([])
    expect(bad.map(line => line.why)).toEqual(['longer than 10 bytes: 509', 'longer than 10 bytes: 11'])
  })

  it('gives all of the values, however the stream is cut, and garbage between them changes nothing', () => {
    const garbage = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .map(text => `!${text.replaceAll(/[\r\n]/g, '')}`)
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.json().map(json => ({ line: json, good: true })) },
      { weight: 1, arbitrary: garbage.map(text => ({ line: text, good: false })) },
      { weight: 1, arbitrary: fc.constant({ line: `"${'x'.repeat(3000)}"`, good: false }) },
    )
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 60 }))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), cuts, (lines, sizes) => {
        const { push, bad } = reader(2500)
        const bytes = Buffer.from(lines.map(({ line }) => `${line}\n`).join(''))
        const values: unknown[] = []
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value as number
          values.push(...push(bytes.subarray(at, at + size)))
          at += size
        }
        const good = lines.filter(each => each.good)
        expect(values).toEqual(good.map(each => JSON.parse(each.line) as unknown))
        expect(bad).toHaveLength(lines.length - good.length)
      }),
      { numRuns: 300 },
    )
  })
})
