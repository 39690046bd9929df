import { describe, expect, it } from 'vitest'
import { unwrapCreate, unwrapUpdate } from './request-body.ts'

const names = { singular: 'network', plural: 'networks' }

describe('a request body', () => {
  it('holds one resource, or several, bare or wrapped each', () => {
    expect(unwrapCreate({ network: { name: 'a' } }, names)).toEqual({ bulk: false, item: { name: 'a' } })
    expect(unwrapCreate({ networks: [{ name: 'a' }, { network: { name: 'b' } }] }, names)).toEqual({
      bulk: true,
      items: [{ name: 'a' }, { name: 'b' }],
    })
  })

  it.each([
    [undefined, 'Resource body required'],
    [null, 'Resource body required'],
    [{}, 'Resource body required'],
    [{ port: {} }, "Unable to find 'network' in request body"],
    [{ network: null }, "Unable to find 'network' in request body"],
    [{ network: [] }, "'network' is not an object"],
    [[], 'expected a JSON object'],
    ['network', 'expected a JSON object'],
    [{ networks: [] }, 'Resources required'],
    [{ networks: {} }, 'Resources required'],
    [{ networks: [1] }, 'a member that is no object'],
    [{ networks: [{ network: 1 }] }, "'network' is not an object"],
  ])('%j is refused: %s', (body, message) => {
    expect(() => unwrapCreate(body, names)).toThrow(message)
  })

  it('of an update holds exactly one resource', () => {
    expect(unwrapUpdate({ network: {} }, names)).toEqual({})
    expect(() => unwrapUpdate({ networks: [{}] }, names)).toThrow("Unable to find 'network' in request body")
  })
})
