import { describe, expect, it } from 'vitest'
import { OpenStackError } from '../keystone/openstack-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Query } from '../neutron/neutron.ts'
import { pagesOf } from './pages.ts'
import { queryString } from './query-string.ts'
import { readBody, readResource } from './read-resource.ts'
import { portKind, subnetPoolKind } from './resource-kinds.ts'
import { asNeutronError, wireError } from './wire-error.ts'

describe('a list’s filters in a URL', () => {
  it.each([
    [{}, ''],
    [{ name: undefined }, ''],
    [{ name: 'a b&c', shared: true }, '?name=a+b%26c&shared=true'],
    [{ device_id: '' }, '?device_id='],
    [{ id: ['x', 'y'] }, '?id=x&id=y'],
    [{ tags: ['a:b', 'c'], 'not-tags-any': ['d'] }, '?tags=a%3Ab%2Cc&not-tags-any=d'],
  ])('%j is %j', (query, text) => expect(queryString(query)).toBe(text))
})

describe('a resource', () => {
  it('that an answer tells only in part has neutral values for the rest', () => {
    const told = {
      id: 'p',
      network_id: 'n',
      mac_address: 'FA:16:3E:00:00:01',
      fixed_ips: [],
      admin_state_up: true,
      status: 'DOWN',
      device_id: '',
      device_owner: '',
    }
    expect(readResource(portKind, told)).toMatchObject({
      mac_address: 'fa:16:3e:00:00:01',
      'binding:vif_type': 'unbound',
      tags: [],
    })
  })

  it('has numbers that were told as texts', () => {
    const told = {
      ...{ id: 's', prefixes: [], ip_version: 4, shared: false },
      ...{ default_prefixlen: '8', min_prefixlen: '8', max_prefixlen: '32' },
    }
    expect(readResource(subnetPoolKind, told).default_prefixlen).toBe(8)
  })

  it.each([[null], ['text'], [[]], [{ id: 5 }]])('%j is none', told =>
    expect(() => readResource(portKind, told)).toThrow(expect.objectContaining({ type: 'InternalServerError' })),
  )

  it.each(['', '<html>', '[]', '{}', 'null'])('the answer %j has none', text =>
    expect(() => readBody(text, 'port')).toThrow(/expected Neutron to answer/),
  )
})

describe('a refusal', () => {
  const refusal = (status: number, text: string) =>
    wireError({ status, text, headers: { 'x-openstack-request-id': 'req-1' } }, 'PortNotFound')
  const told = (type: string) => JSON.stringify({ NeutronError: { type, message: 'why', detail: '' } })

  it.each([
    [409, told('IpAddressAlreadyAllocated'), 'IpAddressAlreadyAllocated', 'why'],
    [409, told('Unheard'), 'Conflict', 'why'],
    [400, told('constructor'), 'BadRequest', 'why'],
    [404, told('TagResourceNotFound'), 'PortNotFound', 'why'],
    [404, '<html>', 'PortNotFound', 'status 404'],
    [500, told('HTTPInternalServerError'), 'InternalServerError', 'why (request req-1)'],
    [502, 'Bad Gateway', 'ServiceUnavailable', 'Neutron cannot answer now: status 502 (request req-1)'],
    [418, '', 'BadRequest', 'status 418'],
  ])('%i %s is %s', (status, text, type, message) => {
    const error = refusal(status, text)
    expect(error.type).toBe(type)
    expect(error.message).toContain(message)
  })

  it('of OpenStack as a whole is one of Neutron’s too; anything else stays what it is', () => {
    expect(asNeutronError(new OpenStackError('unreachable', 'x'))).toMatchObject({ type: 'ServiceUnavailable' })
    expect(asNeutronError(new OpenStackError('refused', 'x'))).toMatchObject({ type: 'Unauthorized' })
    const other = new NeutronError('BadRequest', 'x')
    expect(asNeutronError(other)).toBe(other)
  })
})

describe('the pages of a list', () => {
  const collect = async (query: Query, answers: object[]): Promise<{ found: unknown[]; asked: object[] }> => {
    const asked: object[] = []
    const found: unknown[] = []
    const ask = (page: object): Promise<string> => {
      asked.push(page)
      return Promise.resolve(JSON.stringify(answers[Math.min(asked.length, answers.length) - 1]))
    }
    for await (const page of pagesOf('ports', query, ask)) found.push(...page)
    return { found, asked }
  }
  const next = (marker: string) => [{ rel: 'next', href: `http://inner:9696/v2.0/ports?limit=2&marker=${marker}` }]

  it('are asked for by marker until there is none, with the filters of the first', async () => {
    const answers = [{ ports: [1, 2], ports_links: next('b') }, { ports: [3] }]
    const { found, asked } = await collect({ name: 'x' }, answers)
    expect(found).toEqual([1, 2, 3])
    expect(asked).toEqual([{ name: 'x' }, { name: 'x', marker: 'b', limit: '2' }])
  })

  it('end though a server links the same one for ever', async () => {
    expect((await collect({}, [{ ports: [1], ports_links: next('b') }])).asked).toHaveLength(2)
  })

  it('are one where a limit was asked for', async () => {
    expect((await collect({ limit: 2 }, [{ ports: [1], ports_links: next('b') }])).asked).toHaveLength(1)
  })
})
