import { describe, expect, it } from 'vitest'
import { parseJsonBody } from './json-body.ts'

describe('a JSON body', () => {
  it('is what JSON says, and nothing when empty', () => {
    expect(parseJsonBody(' {"a":[1,{"b":null}]}\n')).toEqual({ a: [1, { b: null }] })
    expect(parseJsonBody(' \r\n')).toBeUndefined()
  })

  it.each([
    ['{"a":', 'it is not valid JSON'],
    ['{"a":{"__proto__":{"b":1}}}', "it has a key '__proto__'"],
    ['['.repeat(400_000) + ']'.repeat(400_000), 'it is nested deeper than 64 levels'],
  ])('%.30s… is refused: %s', (text, why) => {
    expect(() => parseJsonBody(text)).toThrow(`Body contains invalid data: ${why}`)
  })
})
