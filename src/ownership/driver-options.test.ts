import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDriverOptions } from './driver-options.ts'
import { describeNamed } from './named.ts'

const UUID = 'ABCDEF00-1111-4222-8333-444444444444'

describe('readDriverOptions', () => {
  it('a uuid wins over a name, in lower case', () =>
    expect(readDriverOptions({ 'neutron.net.uuid': UUID, 'neutron.net.name': 'blue' }).network).toEqual({
      id: UUID.toLowerCase(),
    }))

  it('keeps the families apart', () => {
    const options = { 'neutron.subnet.v6.name': 's6', 'neutron.pool.name': 'p4', 'neutron.pool.v6.uuid': UUID }
    const { subnet, subnetPool } = readDriverOptions(options)
    expect(subnet).toEqual({ 4: undefined, 6: { name: 's6' } })
    expect(subnetPool).toEqual({ 4: { name: 'p4' }, 6: { id: UUID.toLowerCase() } })
  })

  it.each([
    ['yes', true],
    ['TRUE', true],
    ['1', true],
    [' off ', false],
    ['n', false],
  ])('neutron.net.shared=%j is %s', (text, expected) =>
    expect(readDriverOptions({ 'neutron.net.shared': text }).shared).toBe(expected),
  )

  it.each([
    [{ 'neutron.net.uuid': 'blue' }, 'option neutron.net.uuid="blue": expected a UUID'],
    [{ 'neutron.pool.name': '' }, 'option neutron.pool.name="": expected a name'],
    [{ 'neutron.net.shared': 'x' }, 'option neutron.net.shared="x": expected true or false'],
    [{ 'neutron.nett.uuid': UUID }, 'unknown option "neutron.nett.uuid": expected one of neutron.net.uuid,'],
    [{ 'neutron.net.name': 5 }, 'option neutron.net.name=5'],
  ])('refuses %j', (options, message) => expect(() => readDriverOptions(options)).toThrow(message))

  it.each([undefined, null, {}, { 'com.docker.network.driver.mtu': '1400' }])('%j asks for nothing', options =>
    expect(readDriverOptions(options)).toMatchObject({ network: undefined, shared: undefined }),
  )

  it('throws nothing but RangeErrors, whatever it is given', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.string().map(name => `neutron.${name}`),
            fc.constantFrom('kuryr.security_groups', 'kuryr.publish', 'kuryr.publish.floating_ip'),
          ),
          fc.anything(),
        ),
        options => {
          try {
            readDriverOptions(options)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
    ))

  it('describes what was named', () => {
    expect(describeNamed({ id: 'x' })).toBe('uuid x')
    expect(describeNamed({ name: 'a "b"' })).toBe('name "a \\"b\\""')
  })
})
