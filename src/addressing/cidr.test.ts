import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsCidr, formatCidr, isHostAddress, overlaps, parseCidr, parseInterfaceAddress } from './cidr.ts'
import { canonicalIpAddress, formatIpAddress, parseIpAddress } from './ip-address.ts'

describe('parseIpAddress', () => {
  it.each([
    '010.0.0.1',
    '10.0.1',
    '0x0a000001',
    '10.0.0.256',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '',
    ' 10.0.0.1',
    '1::2::3',
  ])('refuses %j', text => expect(() => parseIpAddress(text)).toThrow(RangeError))

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        fc.pre(!text.includes('.') || !text.includes(':'))
        let address
        try {
          address = parseIpAddress(text)
        } catch {
          return // IPv4-mapped
        }
        expect(parseIpAddress(formatIpAddress(address))).toEqual(address)
      }),
    )
  })

  it('makes IPv6 canonical', () => expect(canonicalIpAddress('FD00:0:0:0::0001')).toBe('fd00::1'))
})

describe('parseCidr', () => {
  it('names the prefix that was meant where host bits are set', () =>
    expect(() => parseCidr('10.0.0.5/16')).toThrow(
      "'10.0.0.5/16' has host bits set: expected a network address like 10.0.0.0/16",
    ))

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/',
    '/24',
    '10.0.0.0/024',
    '10.0.0.0/-1',
    '10.0.0.0/24/8',
  ])('refuses %j', text => expect(() => parseCidr(text)).toThrow(RangeError))

  it.each(['0.0.0.0/0', '10.0.0.0/8', '10.0.0.1/32', '::/0', 'fd00::/109', 'fd00::/119', 'fd00::1/128'])(
    'reads back %s',
    text => expect(formatCidr(parseCidr(text))).toBe(text),
  )

  it('keeps the address of an interface', () =>
    expect(formatIpAddress(parseInterfaceAddress('10.0.0.7/24').address)).toBe('10.0.0.7'))
})

describe('isHostAddress', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.0', false],
    ['10.0.0.0/24', '10.0.0.255', false],
    ['10.0.0.0/24', '10.0.0.1', true],
    ['10.0.0.0/24', '10.0.1.1', false],
    ['10.0.0.0/31', '10.0.0.0', true],
    ['fd00::/64', 'fd00::', false],
    ['fd00::/64', 'fd00::ffff:ffff:ffff:ffff', true],
    ['10.0.0.0/24', 'fd00::1', false],
  ])('%s and %s: %s', (cidr, address, expected) =>
    expect(isHostAddress(parseCidr(cidr), parseIpAddress(address))).toBe(expected),
  )
})

it('overlapping is symmetric, and follows from containing', () => {
  const cidr = fc
    .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    .map(([address, length]) => parseInterfaceAddress(`${address}/${length}`).cidr)
  fc.assert(
    fc.property(cidr, cidr, (one, other) => {
      expect(overlaps(one, other)).toBe(overlaps(other, one))
      expect(overlaps(one, other)).toBe(containsCidr(one, other) || containsCidr(other, one))
    }),
  )
})
