import { describe, expect, it } from 'vitest'
import type { SecurityGroupRule } from '../neutron/access.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { differenceFrom, exposedGroupName, exposedRules, isExposedGroup, type Rule } from './exposed-group.ts'
import type { Exposed } from './exposed-ports.ts'

const web: Exposed[] = [
  { protocol: 'tcp', first: 80, last: 80 },
  { protocol: 'tcp', first: 443, last: 445 },
  { protocol: 'udp', first: 53, last: 53 },
]

const asAnswered = (rule: Rule, more: Partial<SecurityGroupRule> = {}): SecurityGroupRule => ({
  ...{ id: 'rule', security_group_id: 'group', protocol: null, port_range_min: null, port_range_max: null },
  ...{ remote_ip_prefix: null, remote_group_id: null },
  ...rule,
  ...more,
})

describe('a group of exposed ports', () => {
  it('is named after them', () => {
    expect(exposedGroupName(web)).toBe('kuryr-exposed tcp/80,tcp/443-445,udp/53')
    expect(exposedGroupName([{ protocol: 'icmp' }])).toBe('kuryr-exposed icmp')
  })

  it('has a name that Neutron takes, and no other set has, however many they are', () => {
    const many = Array.from(
      { length: 60 },
      (_, index) => ({ protocol: 'tcp', first: 2 * index + 1, last: 2 * index + 1 }) as const,
    )
    const [name, other] = [exposedGroupName(many), exposedGroupName(many.slice(1))]
    expect(name).toMatch(/^kuryr-exposed sha256:[0-9a-f]{64}$/)
    expect(other).not.toBe(name)
  })

  it('is known as ours by name and description', () => {
    const name = exposedGroupName(web)
    expect(isExposedGroup({ name, description: birthMark('some host') })).toBe(true)
    expect(isExposedGroup({ name, description: 'some host' })).toBe(false)
    expect(isExposedGroup({ name: 'web', description: birthMark('some host') })).toBe(false)
  })

  it('opens them by IPv4 and IPv6, with the ICMP of each', () => {
    expect(exposedRules([{ protocol: 'icmp' }, { protocol: 'sctp', first: 9, last: 10 }])).toEqual([
      { direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp' },
      { direction: 'ingress', ethertype: 'IPv6', protocol: 'ipv6-icmp' },
      { direction: 'ingress', ethertype: 'IPv4', protocol: 'sctp', port_range_min: 9, port_range_max: 10 },
      { direction: 'ingress', ethertype: 'IPv6', protocol: 'sctp', port_range_min: 9, port_range_max: 10 },
    ])
  })

  it('lacks what it lacks, is born with all ways out, and is foreign by any other rule', () => {
    const all = exposedRules(web).map(rule => asAnswered(rule))
    expect(differenceFrom(web, all)).toEqual({ missing: [], bornWith: [], foreign: [] })
    expect(differenceFrom(web, all.slice(1)).missing).toEqual(exposedRules(web).slice(0, 1))
    const out = (['IPv4', 'IPv6'] as const).map(ethertype => asAnswered({ direction: 'egress', ethertype }))
    expect(differenceFrom(web, [...all, ...out])).toEqual({ missing: [], bornWith: out, foreign: [] })
    const [first] = exposedRules(web)
    if (!first) throw new Error('expected a rule')
    const everywhere = asAnswered(first, { remote_ip_prefix: '0.0.0.0/0' })
    expect(differenceFrom(web, [everywhere, ...all.slice(1)])).toEqual({ missing: [], bornWith: [], foreign: [] })
  })

  it.each<[string, Partial<SecurityGroupRule>]>([
    ['more ports', { port_range_max: 90 }],
    ['every port', { protocol: null, port_range_min: null, port_range_max: null }],
    ['another protocol', { protocol: 'udp' }],
    ['one neighbour only', { remote_ip_prefix: '10.0.0.0/8' }],
    ['one group only', { remote_group_id: 'group' }],
    ['one address group only', { remote_address_group_id: 'addresses' }],
    ['another direction', { direction: 'egress' }],
  ])('with a rule for %s is foreign', (_what, change) => {
    const [first, ...others] = exposedRules(web).map(rule => asAnswered(rule))
    const changed = asAnswered(first ?? { direction: 'ingress', ethertype: 'IPv4' }, change)
    const { missing, foreign } = differenceFrom(web, [changed, ...others])
    expect(foreign).toEqual([changed])
    expect(missing).toEqual(exposedRules(web).slice(0, 1))
  })
})
