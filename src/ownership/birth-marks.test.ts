import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { birthOfPool, wasBornOn, wishOf } from './birth-marks.ts'
import { hostTag, usersOfSubnet } from './marks.ts'

describe('birth marks', () => {
  it('what the user named comes back from a pool, which says whose it is, whatever the length of the host’s name', () =>
    fc.assert(
      fc.property(
        fc.record({ networkId: fc.uuid(), subnetId: fc.uuid(), allocateFrom: fc.uuid() }, { requiredKeys: [] }),
        fc.nat(250),
        (wish, length) => {
          const host = 'h'.repeat(length + 1)
          const { description, tags } = birthOfPool(host, wish)
          expect(description.length).toBeLessThanOrEqual(255)
          for (const tag of tags) expect(tag.length).toBeLessThanOrEqual(60)
          expect(wishOf({ description, tags: [hostTag(host), ...tags] })).toEqual(wish)
          expect(usersOfSubnet(tags)).toEqual([])
          expect([wasBornOn(description, host), wasBornOn(description, 'another')]).toEqual([true, false])
        },
      ),
    ))

  it.each(['', 'kuryr.host:a', 'kuryr.host:a x', `kuryr.host:a web ${crypto.randomUUID()}`])(
    'the description %j is not one that a daemon wrote',
    description => expect(wasBornOn(description, 'a')).toBe(false),
  )
})
