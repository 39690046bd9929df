import { describe, expect, it } from 'vitest'
import { mergeAccess, resolveAccess } from './network-access.ts'

const nothing = { securityGroups: [], publish: undefined }
const publish = { by: 'floating-ip' as const }

describe('mergeAccess', () => {
  const web = { ...nothing, securityGroups: ['web'] }
  it.each([
    [nothing, nothing, nothing],
    [web, nothing, web],
    [nothing, web, web],
    [web, web, web],
    [web, { ...nothing, publish }, { ...web, publish }],
    [{ ...nothing, publish: { ...publish, address: '203.0.113.7' } }, { ...nothing, publish }, 0],
  ])('%j and %j', (byOption, byIpamOption, expected) =>
    expect(mergeAccess(byOption, byIpamOption)).toEqual(expected === 0 ? byOption : expected),
  )

  it('refuses a contradiction', () =>
    expect(() => mergeAccess(web, { ...nothing, securityGroups: ['db'] })).toThrow(
      '--ipam-opt says kuryr.sg:db, but -o says kuryr.sg:web: give kuryr.security_groups',
    ))
})

describe('resolveAccess without OpenStack', () => {
  it('has nothing to do for a network that says nothing', async () =>
    expect(await resolveAccess(undefined, nothing, {})).toEqual(nothing))

  it.each([
    [{ ...nothing, securityGroups: [{ name: 'web' }] }, 'option kuryr.security_groups needs an OpenStack Neutron'],
    [{ ...nothing, publish }, 'option kuryr.publish needs an OpenStack Neutron'],
  ])('refuses %j', async (wanted, message) => expect(resolveAccess(undefined, wanted, {})).rejects.toThrow(message))
})
