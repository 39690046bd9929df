import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accessOf, accessTags } from './access-marks.ts'
import { readDriverOptions } from './driver-options.ts'

const UUID = 'ABCDEF00-1111-4222-8333-444444444444'
const read = (options: Record<string, string>) => readDriverOptions(options).access

describe('options of access', () => {
  it('asks for nothing where nothing is said', () =>
    expect(read({})).toEqual({ securityGroups: [], publish: undefined }))

  it('groups are ids or names, each once, in the order given', () =>
    expect(read({ 'kuryr.security_groups': `web, ${UUID},my group,web,${UUID.toLowerCase()}` }).securityGroups).toEqual(
      [{ name: 'web' }, { id: UUID.toLowerCase() }, { name: 'my group' }],
    ))

  it.each([
    [{ 'kuryr.publish': 'floating-ip' }, { by: 'floating-ip' }],
    [
      { 'kuryr.publish': 'floating-ip', 'kuryr.publish.floating_ip': '203.0.113.7' },
      { by: 'floating-ip', address: '203.0.113.7' },
    ],
  ])('%j', (options, expected) => expect(read(options).publish).toEqual(expected))

  it.each([
    [{ 'kuryr.security_groups': '' }, 'option kuryr.security_groups="": expected ids or names'],
    [{ 'kuryr.security_groups': 'web,,db' }, 'expected ids or names (1 to 255 characters)'],
    [{ 'kuryr.security_groups': 'x'.repeat(256) }, 'expected ids or names (1 to 255 characters)'],
    [
      { 'kuryr.security_groups': Array.from({ length: 21 }, (_, n) => `g${n}`).join(',') },
      'option kuryr.security_groups lists 21 security groups: expected at most 20',
    ],
    [{ 'kuryr.publish': 'yes' }, 'option kuryr.publish="yes": expected floating-ip'],
    [{ 'kuryr.publish.floating_ip': '203.0.113.7' }, 'needs kuryr.publish=floating-ip'],
    [
      { 'kuryr.publish': 'floating-ip', 'kuryr.publish.floating_ip': '2001:db8::1' },
      'option kuryr.publish.floating_ip="2001:db8::1": expected the IPv4 address',
    ],
    [
      { 'kuryr.publish': 'floating-ip', 'kuryr.publish.floating_ip': 'x' },
      'option kuryr.publish.floating_ip="x": expected the IPv4 address',
    ],
    [{ 'kuryr.security_group': 'web' }, 'unknown option "kuryr.security_group": expected one of'],
  ])('refuses %j', (options: Record<string, string>, message) => expect(() => read(options)).toThrow(message))
})

describe('tags of access', () => {
  const access = fc.record({
    securityGroups: fc.uniqueArray(fc.uuid(), { maxLength: 20 }),
    publish: fc.option(
      fc.record({ by: fc.constant('floating-ip' as const), address: fc.ipV4() }, { requiredKeys: ['by'] }),
      { nil: undefined },
    ),
  })

  it('are read as they were written, among tags of others and on several pools', () =>
    fc.assert(
      fc.property(access, wanted => {
        const tags = accessTags(wanted)
        expect(accessOf(['kuryr.net.internal', ...tags, ...tags])).toEqual(wanted)
        expect(tags.every(tag => tag.length <= 60 && !tag.includes(','))).toBe(true)
      }),
    ))

  it('of any other form are passed over', () =>
    fc.assert(
      fc.property(fc.array(fc.string()), texts => {
        const starts = ['kuryr.sg:', 'kuryr.publish:', 'kuryr.publish.on:', '']
        const tags = texts.flatMap(text => starts.map(start => `${start}${text}`))
        const { securityGroups, publish } = accessOf(tags)
        expect(securityGroups).toEqual([])
        expect(publish).toBeUndefined()
      }),
    ))
})
