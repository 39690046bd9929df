import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonTexts } from './json-texts.ts'

describe('JsonTexts', () => {
  it('gives back the objects of a stream however it is cut', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()))
    const cuts = fc.array(fc.nat(40))
    fc.assert(
      fc.property(objects, cuts, (sent, lengths) => {
        const stream = sent.map(object => JSON.stringify(object)).join('\n')
        const texts = new JsonTexts()
        const got: string[] = []
        let from = 0
        for (const length of [...lengths, stream.length]) {
          got.push(...texts.take(stream.slice(from, from + length)))
          from += length
        }
        expect(got.map(text => JSON.parse(text) as unknown)).toEqual(
          sent.map(object => JSON.parse(JSON.stringify(object)) as unknown),
        )
      }),
    )
  })

  it('refuses what cannot be the beginning of an object', () => {
    expect(() => new JsonTexts().take('HTTP/1.1 400')).toThrow('is this an OVSDB server?')
  })
})
