import { createHash } from 'node:crypto'
import type { SecurityGroup, SecurityGroupRule, SecurityGroupRuleCreate } from '../neutron/access.ts'
import { isBirthMark } from '../ownership/birth-marks.ts'
import type { Exposed } from './exposed-ports.ts'

/** How the name of each group of exposed ports begins. */
const START = 'kuryr-exposed '

/** Characters of a name in Neutron. */
const LONGEST = 255

/** The name of the group for these ports, the same on every host: `kuryr-exposed tcp/80,tcp/443-445,udp/53`. */
export function exposedGroupName(exposed: readonly Exposed[]): string {
  const name = `${START}${wordsOf(exposed)}`
  return name.length <= LONGEST ? name : `${START}sha256:${createHash('sha256').update(name).digest('hex')}`
}

/** The ports in words: `tcp/80,tcp/443-445,udp/53`. */
export function wordsOf(exposed: readonly Exposed[]): string {
  return exposed.map(inWords).join(',')
}

function inWords(one: Exposed): string {
  if (one.protocol === 'icmp') return one.protocol
  const { protocol, first, last } = one
  return first === last ? `${protocol}/${first}` : `${protocol}/${first}-${last}`
}

/** Whether a daemon of kuryr's, on any host, made the group for exposed ports. */
export function isExposedGroup({ name, description }: Pick<SecurityGroup, 'name' | 'description'>): boolean {
  return name.startsWith(START) && isBirthMark(description)
}

/** A rule before its group is there. */
export type Rule = Omit<SecurityGroupRuleCreate, 'security_group_id'>

/** What a group must have to be what its name says: from everywhere, by IPv4 and IPv6 (upstream's D14). */
export function exposedRules(exposed: readonly Exposed[]): Rule[] {
  return exposed.flatMap(one => (['IPv4', 'IPv6'] as const).map(ethertype => ruleOf(one, ethertype)))
}

function ruleOf(one: Exposed, ethertype: 'IPv4' | 'IPv6'): Rule {
  const rule = { direction: 'ingress', ethertype } as const
  if (one.protocol === 'icmp') return { ...rule, protocol: ethertype === 'IPv4' ? 'icmp' : 'ipv6-icmp' }
  return { ...rule, protocol: one.protocol, port_range_min: one.first, port_range_max: one.last }
}

/** How a group differs from what its name says. */
export interface Difference {
  missing: Rule[]
  /** What Neutron gives to each new group: all ways out, which is not what the container was given the group for. */
  bornWith: SecurityGroupRule[]
  /** Any other rule: somebody changed the group. */
  foreign: SecurityGroupRule[]
}

export function differenceFrom(exposed: readonly Exposed[], rules: readonly SecurityGroupRule[]): Difference {
  const wanted = exposedRules(exposed)
  const keys = wanted.map(keyOf)
  const others = rules.filter(rule => !keys.includes(keyOf(rule)))
  const waysOut = (['IPv4', 'IPv6'] as const).map(ethertype => keyOf({ direction: 'egress', ethertype }))
  const present = rules.map(keyOf)
  return {
    missing: wanted.filter(rule => !present.includes(keyOf(rule))),
    bornWith: others.filter(rule => waysOut.includes(keyOf(rule))),
    foreign: others.filter(rule => !waysOut.includes(keyOf(rule))),
  }
}

/** What a rule lets through, as text: Neutron takes `0.0.0.0/0` and nothing for the same. */
function keyOf(rule: Rule & Partial<SecurityGroupRule>): string {
  const { direction, ethertype, protocol = null, port_range_min: first = null, port_range_max: last = null } = rule
  const { remote_ip_prefix = null, remote_group_id = null, remote_address_group_id = null } = rule
  const prefix = remote_ip_prefix === '0.0.0.0/0' || remote_ip_prefix === '::/0' ? null : remote_ip_prefix
  return JSON.stringify([direction, ethertype, protocol, first, last, prefix, remote_group_id, remote_address_group_id])
}
