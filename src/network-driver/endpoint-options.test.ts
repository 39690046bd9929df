import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEndpointOptions } from './endpoint-options.ts'

const UUID = 'ABCDEF00-1111-4222-8333-444444444444'
const read = (Options: Record<string, unknown> | null) =>
  readEndpointOptions({ NetworkID: 'n', EndpointID: 'e', Options })
const nothing = { id: undefined, name: undefined, securityGroups: undefined, qosPolicy: undefined }

describe('readEndpointOptions', () => {
  it.each([null, {}, { 'com.docker.network.endpoint.exposedports': [{ Port: 80 }], 'kuryrx.port': 1 }])(
    '%j asks for nothing',
    options => expect(read(options)).toEqual(nothing),
  )

  it('reads each', () =>
    expect(
      read({
        'kuryr.port.id': UUID,
        'kuryr.port.name': 'web 1',
        'kuryr.port.security_groups': `${UUID},web`,
        'kuryr.port.qos_policy': 'slow',
      }),
    ).toEqual({
      id: UUID.toLowerCase(),
      name: 'web 1',
      securityGroups: [{ id: UUID.toLowerCase() }, { name: 'web' }],
      qosPolicy: { name: 'slow' },
    }))

  it('a QoS policy may be named by id', () =>
    expect(read({ 'kuryr.port.qos_policy': UUID }).qosPolicy).toEqual({ id: UUID.toLowerCase() }))

  it.each([
    [{ 'kuryr.port': 'x' }, 'unknown option "kuryr.port": expected one of kuryr.port.id, kuryr.port.name,'],
    [{ 'kuryr.port.id': 'x' }, 'option kuryr.port.id="x": expected the id (UUID) of a port'],
    [{ 'kuryr.port.name': 5 }, 'option kuryr.port.name=5: expected a name of 1 to 255 characters'],
    [{ 'kuryr.port.security_groups': null }, 'option kuryr.port.security_groups=null: expected text'],
    [{ 'kuryr.port.security_groups': ',' }, 'option kuryr.port.security_groups=",": expected ids or names'],
    [{ 'kuryr.port.qos_policy': '' }, 'option kuryr.port.qos_policy="": expected the id or name of a QoS policy'],
  ])('refuses %j', (options: Record<string, unknown>, message) => expect(() => read(options)).toThrow(message))

  it('throws nothing but RangeErrors, whatever it is given', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.constantFrom('id', 'name', 'security_groups', 'qos_policy').map(name => `kuryr.port.${name}`),
            fc.string().map(name => `kuryr.${name}`),
          ),
          fc.anything(),
        ),
        options => {
          try {
            read(options)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
    ))
})
