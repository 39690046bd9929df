import { describe, expect, test } from 'vitest'
import { parseStoreUrl } from './open-store.ts'

describe('parseStoreUrl', () => {
  test.each([
    ['sqlite:///var/lib/kuryr/kuryr.db', { kind: 'sqlite', path: '/var/lib/kuryr/kuryr.db' }],
    ['sqlite:///with%20space/50%25', { kind: 'sqlite', path: '/with space/50%' }],
    [
      'etcd://h1:2379,h2:12379',
      { kind: 'etcd', endpoints: ['h1:2379', 'h2:12379'], prefix: '/kuryr/', encrypted: false },
    ],
    ['etcd://10.8.65.79', { kind: 'etcd', endpoints: ['10.8.65.79:2379'], prefix: '/kuryr/', encrypted: false }],
    [
      'etcds://[::1]:2379,[fd00::2]/a/b/',
      { kind: 'etcd', endpoints: ['[::1]:2379', '[fd00::2]:2379'], prefix: '/a/b/', encrypted: true },
    ],
    ['consul://h1,h2:9500', { kind: 'consul', endpoints: ['h1:8500', 'h2:9500'], prefix: 'kuryr/', encrypted: false }],
    ['consuls://h1/a/b', { kind: 'consul', endpoints: ['h1:8501'], prefix: 'a/b/', encrypted: true }],
    ['zk://h1:2181,[::1]', { kind: 'zk', endpoints: ['h1:2181', '[::1]:2181'], prefix: '/kuryr', encrypted: false }],
    ['zks://h1/a/b/', { kind: 'zk', endpoints: ['h1:2281'], prefix: '/a/b', encrypted: true }],
  ])('reads %s', (url, address) => {
    expect(parseStoreUrl(url)).toEqual(address)
  })

  test.each([
    ['', /scheme is none of/],
    ['/var/lib/kuryr.db', /scheme is none of/],
    ['mysql://host/db', /scheme is none of/],
    ['sqlites:///file', /scheme is none of/],
    ['zookeeper://h1', /scheme is none of/],
    ['consul://', /"" is no host:port/],
    ['sqlite://host/path', /no absolute path/],
    ['sqlite:///', /no absolute path/],
    ['sqlite:///dir/', /no absolute path/],
    ['sqlite:///a?b', /written %3F/],
    ['sqlite:///a%zz', /written %25/],
    ['etcd://', /"" is no host:port/],
    ['etcd://h1,,h2', /"" is no host:port/],
    ['etcd://h1:99999', /"h1:99999" is no host:port/],
    ['etcd://h 1', /"h 1" is no host:port/],
  ])('refuses %j with the accepted forms', (url, reason) => {
    expect(() => parseStoreUrl(url)).toThrow(reason)
    expect(() => parseStoreUrl(url)).toThrow(
      'expected sqlite:///path/to/file, etcd://host:2379[,host:2379…][/prefix], consul://host:8500',
    )
  })

  test('does not repeat a password that stands in the URL', () => {
    expect(() => parseStoreUrl('etcd://user:se/cret@h1:2379')).toThrow(/^(?!.*cret)/)
    expect(() => parseStoreUrl('etcd://user:secret@h1:2379')).toThrow(/^(?!.*secret).*options of their own/)
  })
})
