import { describe, expect, it } from 'vitest'
import { parseServerAddress } from './server-address.ts'

describe('parseServerAddress', () => {
  it.each([
    ['unix:/run/openvswitch/db.sock', { path: '/run/openvswitch/db.sock' }],
    ['tcp:127.0.0.1:6640', { host: '127.0.0.1', port: 6640 }],
    ['tcp:[fd00::1]:6640', { host: 'fd00::1', port: 6640 }],
  ])('reads %s', (text, expected) => {
    expect(parseServerAddress(text)).toEqual(expected)
  })

  it.each([
    '',
    '/run/openvswitch/db.sock',
    'unix:relative',
    'tcp:127.0.0.1',
    'tcp:127.0.0.1:70000',
    'ssl:10.0.0.1:6640',
  ])('refuses %j', text => {
    expect(() => parseServerAddress(text)).toThrow('expected unix:/PATH or tcp:HOST:PORT')
  })
})
