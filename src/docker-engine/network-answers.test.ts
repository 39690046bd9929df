import { describe, expect, it } from 'vitest'
import { readNetwork } from './network-answers.ts'

const empty = {
  Id: 'a1',
  Name: 'blue',
  Created: '',
  Scope: '',
  Driver: '',
  EnableIPv6: false,
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigOnly: false,
  ConfigFrom: { Network: '' },
  IPAM: { Driver: '', Options: {}, Config: [] },
  Options: {},
  Labels: {},
  Containers: {},
}

describe('a network as the engine tells it', () => {
  it('is empty where nothing, or null, is said', () => {
    expect(readNetwork({ Id: 'a1', Name: 'blue' }, 'it')).toEqual(empty)
    const nulls = Object.fromEntries(Object.keys({ ...empty, EnableIPv4: 0 }).map(field => [field, null]))
    expect(readNetwork({ ...nulls, Id: 'a1', Name: 'blue' }, 'it')).toEqual(empty)
    const inner = { IPAM: { Driver: null, Options: null, Config: null }, ConfigFrom: { Network: null } }
    expect(readNetwork({ ...empty, ...inner, Containers: null }, 'it')).toEqual(empty)
  })

  it('keeps what is said and leaves out what is not known', () => {
    const Config = [
      { Subnet: '10.0.0.0/24', IPRange: '10.0.0.128/25', Gateway: '10.0.0.1', AuxiliaryAddresses: { r: '10.0.0.5' } },
      { Subnet: 'fd00::/64', IPRange: '', Gateway: 'fd00::1/64', AuxiliaryAddresses: {} },
    ]
    const container = { Name: 'c1', EndpointID: 'e1', MacAddress: 'm', IPv4Address: '10.0.0.2/24', IPv6Address: '' }
    const more = { EnableIPv4: false, IPAM: { Driver: 'kuryr', Options: { a: 'b' }, Config }, Labels: { '': '' } }
    const told = { ...empty, ...more, Containers: { c1: container, c2: null }, Peers: [], Status: {} }
    const [first] = Config
    expect(readNetwork(told, 'it')).toEqual({
      ...empty,
      ...more,
      IPAM: { Driver: 'kuryr', Options: { a: 'b' }, Config: [first, { Subnet: 'fd00::/64', Gateway: 'fd00::1' }] },
      Containers: {
        c1: container,
        c2: { Name: '', EndpointID: '', MacAddress: '', IPv4Address: '', IPv6Address: '' },
      },
    })
  })

  it.each([
    ['null', null],
    ['a list', []],
    ['text', 'x'],
    ['without id', { Name: 'blue' }],
    ['with an empty id', { Id: '', Name: 'blue' }],
    ['without name', { Id: 'a1' }],
    ['with a number as option', { ...empty, Options: { a: 1 } }],
    ['with a number as option whose name has a line break', { ...empty, Options: { 'a\nb': 1 } }],
    ['with a text as flag', { ...empty, Internal: 'true' }],
    ['with a list as labels', { ...empty, Labels: ['a'] }],
    ['with a wrong pool', { ...empty, IPAM: { Config: [{ Subnet: 5 }] } }],
  ])('%s is none', (_, value) => {
    expect(() => readNetwork(value, 'it')).toThrow(expect.objectContaining({ code: 'unexpected' }))
  })

  it('has no own key __proto__ turned into a prototype', () => {
    const value: unknown = JSON.parse(
      '{"Id":"a1","Name":"blue","Labels":{"__proto__":"x"},"Containers":{"__proto__":{}}}',
    )
    const network = readNetwork(value, 'it')
    expect(Object.entries(network.Labels)).toEqual([['__proto__', 'x']])
    expect(Object.keys(network.Containers ?? {})).toEqual(['__proto__'])
  })
})
