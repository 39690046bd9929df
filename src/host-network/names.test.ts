import { describe, expect, it } from 'vitest'
import {
  checkedAddress,
  checkedInteger,
  checkedInterfaceName,
  checkedMac,
  checkedNamespaceName,
  containerInterfaceName,
  hostInterfaceName,
} from './names.ts'

const hostile = [
  '',
  ' ',
  '-n',
  'a b',
  'a\nlink del dev eth0',
  '../x',
  'a/b',
  'a;b',
  '$(x)',
  'a\0b',
  'ä',
  '.',
  '..',
  'a\t',
]

describe('names that reach a command', () => {
  it.each(hostile)('refuses %j as interface, namespace, MAC and address', text => {
    for (const check of [checkedInterfaceName, checkedNamespaceName, checkedMac, checkedAddress]) {
      expect(() => check(text)).toThrow(JSON.stringify(text))
    }
  })

  it('takes interface names of up to 15 characters', () => {
    expect(checkedInterfaceName('tap01234567-890')).toBe('tap01234567-890')
    expect(() => checkedInterfaceName('tap01234567-8901')).toThrow('1-15')
  })

  it('takes unicast MAC addresses only, in lower case', () => {
    expect(checkedMac('FA:16:3E:00:00:01')).toBe('fa:16:3e:00:00:01')
    for (const mac of ['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', 'fa:16:3e:00:00', 'fa-16-3e-00-00-01']) {
      expect(() => checkedMac(mac)).toThrow('unicast MAC')
    }
  })

  it('takes addresses of both families without prefix and zone', () => {
    for (const address of ['10.0.0.1', 'fd00::1']) expect(checkedAddress(address)).toBe(address)
    for (const address of ['10.0.0.1/24', 'fe80::1%eth0', '10.0.0', '010.0.0.1']) {
      expect(() => checkedAddress(address)).toThrow('an IP address')
    }
  })

  it('takes whole numbers within their range', () => {
    expect(checkedInteger(4789, 1, 65535)).toBe('4789')
    for (const value of [0, 65536, 1.5, Number.NaN, Infinity]) expect(() => checkedInteger(value, 1, 65535)).toThrow()
  })

  it('names both ends of a port as upstream does: tap and t_c with 11 characters of its id', () => {
    const id = '01234567-89ab-cdef-0123-456789abcdef'
    expect([hostInterfaceName(id), containerInterfaceName(id)]).toEqual(['tap01234567-89', 't_c01234567-89'])
    expect(() => hostInterfaceName('../../etc/passwd')).toThrow('a UUID')
  })
})
