import { describe, expect, it } from 'vitest'
import { readListenAddress } from './listen-address.ts'

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:9696', { host: '127.0.0.1', port: 9696, loopback: true }],
    ['127.8.0.1:0', { host: '127.8.0.1', port: 0, loopback: true }],
    ['[::1]:9696', { host: '::1', port: 9696, loopback: true }],
    ['localhost:1', { host: 'localhost', port: 1, loopback: true }],
    ['0.0.0.0:9696', { host: '0.0.0.0', port: 9696, loopback: false }],
    ['[::]:9696', { host: '::', port: 9696, loopback: false }],
    ['[::ffff:10.0.0.1]:9696', { host: '::ffff:10.0.0.1', port: 9696, loopback: false }],
    ['node1:9696', { host: 'node1', port: 9696, loopback: false }],
  ])('%s is understood', (text, expected) => {
    expect(readListenAddress(text)).toEqual(expected)
  })

  it.each(['', '9696', '127.0.0.1', '::1:9696', '127.0.0.1:65536', '127.0.0.1:http', 'a:b:1'])(
    '%j is refused, saying what is expected',
    text => {
      expect(() => readListenAddress(text)).toThrow(/expected host:port, such as 127.0.0.1:9696/)
    },
  )
})
