import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsCidr, formatCidr, parseCidr } from '../addressing/cidr.ts'
import { readContainerCidr, readPoolCidr } from './read-cidr.ts'

describe('readContainerCidr', () => {
  it.each([
    '10.0.0.0/8',
    '10.0.0.0/30',
    '192.168.0.0/16',
    'fd00::/32',
    'fd00::/109',
    'fd00::/119',
    'fd00::/126',
    '2001:db8::/64',
  ])('takes %s', text => expect(formatCidr(readContainerCidr(text, '--subnet'))).toBe(text))

  it.each([
    ['10.0.0.1/24', 'expected a network address like 10.0.0.0/24'],
    ['10.0.0.0/7', 'from 8 to 30 for IPv4, got 7'],
    ['8.0.0.0/7', 'from 8 to 30 for IPv4, got 7'],
    ['10.0.0.0/31', 'got 31'],
    ['fd00::/31', 'from 32 to 126 for IPv6, got 31'],
    ['0.0.0.0/8', 'this host on this network'],
    ['127.0.0.0/8', 'loopback'],
    ['224.0.0.0/8', 'multicast'],
    ['255.255.255.0/24', 'multicast and reserved'],
    ['fe80::/64', 'link-local'],
    ['ff02::/64', 'multicast'],
    ['nonsense', "'nonsense' is not a CIDR"],
  ])('refuses %s, naming the option', (text, message) => {
    expect(() => readContainerCidr(text, '--ip-range')).toThrow(message)
    expect(() => readContainerCidr(text, '--ip-range')).toThrow(/^--ip-range/)
  })
})

describe('readPoolCidr', () => {
  it('is --ip-range if given, else --subnet, else nothing', () => {
    expect(readPoolCidr('10.0.0.0/16', '10.0.1.0/24', 4)).toEqual(parseCidr('10.0.1.0/24'))
    expect(readPoolCidr('10.0.0.0/16', '', 4)).toEqual(parseCidr('10.0.0.0/16'))
    expect(readPoolCidr('', '', 6)).toBeUndefined()
  })

  it('refuses the other family', () =>
    expect(() => readPoolCidr('fd00::/64', '', 4)).toThrow('fd00::/64 is IPv6, but Docker asks for an IPv4 pool'))

  it('takes a range exactly when the subnet holds it', () => {
    const cidr = fc
      .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 16, max: 30 }))
      .map(([low, length]) => {
        const size = 2 ** (32 - length)
        const first = Math.floor(low / size) * size
        return `10.77.${first >> 8}.${first & 0xff}/${length}`
      })
    fc.assert(
      fc.property(cidr, cidr, (subnet, range) => {
        const inside = containsCidr(parseCidr(subnet), parseCidr(range))
        if (inside) expect(readPoolCidr(subnet, range, 4)).toEqual(parseCidr(range))
        else
          expect(() => readPoolCidr(subnet, range, 4)).toThrow(`--ip-range ${range} does not lie in --subnet ${subnet}`)
      }),
    )
  })
})
