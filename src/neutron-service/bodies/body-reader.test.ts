import { describe, expect, it } from 'vitest'
import { readNetworkCreate, readNetworkUpdate } from '../networks/network-bodies.ts'
import { readPortCreate } from '../ports/port-bodies.ts'
import { readSubnetCreate } from '../subnets/subnet-bodies.ts'

function refusalOf(read: () => unknown): { type: unknown; message: unknown } {
  try {
    read()
  } catch (error) {
    return error as { type: unknown; message: unknown }
  }
  throw new Error('expected a refusal')
}

describe('a request body', () => {
  it('is read with Neutron’s conversions', () => {
    expect(readNetworkCreate({ admin_state_up: 'True', shared: 0, mtu: '1400', name: undefined })).toEqual({
      admin_state_up: true,
      shared: false,
      mtu: 1400,
    })
  })

  it.each([null, undefined, [], 'text', 7])('that is no object is refused: %j', body => {
    expect(refusalOf(() => readNetworkCreate(body))).toMatchObject({ type: 'HTTPBadRequest' })
  })

  it.each(['__proto__', 'constructor', 'toString', 'colour'])(
    'with an attribute that does not exist is refused: %s',
    name => {
      const body: unknown = JSON.parse(`{${JSON.stringify(name)}: {"admin_state_up": true}}`)
      const { type, message } = refusalOf(() => readNetworkCreate(body))
      expect(type).toBe('HTTPBadRequest')
      expect(message).toBe(`Unrecognized attribute(s) '${name}'`)
    },
  )

  it('with an attribute that only the service sets is refused in Neutron’s words', () => {
    expect(refusalOf(() => readNetworkCreate({ id: 'x' })).message).toBe("Attribute 'id' not allowed in POST")
    expect(refusalOf(() => readNetworkUpdate({ id: 'x' })).message).toBe('Cannot update read-only attribute id')
  })

  it('without what is required is refused', () => {
    expect(refusalOf(() => readPortCreate({})).message).toContain("'network_id' not specified")
  })

  it.each([
    [() => readNetworkCreate({ name: 'n'.repeat(256) }), 'name'],
    [() => readNetworkCreate({ mtu: 1e9 }), 'mtu'],
    [() => readNetworkCreate({ admin_state_up: 'perhaps' }), 'admin_state_up'],
    [() => readPortCreate({ network_id: 'n', fixed_ips: [{ ip: '10.0.0.1' }] }), 'fixed_ips'],
    [() => readPortCreate({ network_id: 'n', fixed_ips: Array(257).fill({}) }), 'fixed_ips'],
    [() => readSubnetCreate({ network_id: 'n', allocation_pools: [{ start: 1 }] }), 'allocation_pools'],
  ])('with a wrong value is refused, naming the attribute and a short excerpt', (read, attribute) => {
    const { type, message } = refusalOf(read)
    expect(type).toBe('HTTPBadRequest')
    expect(message).toContain(`Invalid input for ${attribute}`)
    expect(String(message).length).toBeLessThan(300)
  })
})
