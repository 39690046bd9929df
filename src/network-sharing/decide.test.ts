import { describe, expect, it } from 'vitest'
import type { EngineNetwork } from '../docker-engine/docker-engine.ts'
import { decide, type Situation } from './decide.ts'
import type { Member, SharedNetwork, Tombstone } from './shared-network.ts'

const ID = 'a'.repeat(64)
const REPLICA = 'b'.repeat(64)

const record: SharedNetwork = {
  version: 1,
  id: ID,
  name: 'blue',
  spec: {
    internal: false,
    attachable: false,
    enableIpv6: false,
    subnets: [],
    ipamOptions: {},
    options: {},
    labels: {},
  },
  origin: 'node1',
  created: '',
}
const tombstone: Tombstone = { version: 1, id: ID, name: 'blue', by: 'node1', removed: '' }
const member: Member = {
  version: 1,
  host: 'node2',
  engineId: 'engine',
  networkId: REPLICA,
  via: 'replica',
  state: 'present',
}

function local(different: Partial<EngineNetwork> = {}): EngineNetwork {
  return {
    ...{ Id: REPLICA, Name: 'blue', Created: '', Scope: 'local', Driver: 'kuryr', Ingress: false, ConfigOnly: false },
    ...{ EnableIPv6: false, Internal: false, Attachable: false, ConfigFrom: { Network: '' }, Labels: {} },
    IPAM: { Driver: 'kuryr', Options: {}, Config: [] },
    Options: { 'kuryr.shared.id': ID },
    ...different,
  }
}

function step(different: Partial<Situation>): string {
  const situation: Situation = {
    ...{ engineId: 'engine', via: 'replica', record: undefined, tombstone: undefined, member: undefined, locals: [] },
    ...{ remembered: false, removedByCall: false, offers: () => true, accepts: () => true },
    ...different,
  }
  return decide(situation).step
}

const made = local({ Id: ID, Options: {} })

describe('a network that nobody has recorded', () => {
  it.each([
    ['was made here: is published', { locals: [made] }, 'publish'],
    ['was made here, and shall not be shared: stays alone', { locals: [made], offers: () => false }, 'nothing'],
    ['is a replica here: its record was lost, and comes back', { locals: [local()], offers: () => false }, 'publish'],
    ['was made here and is gone: what it had in Neutron goes', { remembered: true }, 'release'],
    ['still counts this host as a member: not any more', { member }, 'leave'],
    ['is nothing to this host', {}, 'nothing'],
  ])('%s', (_, situation, expected) => expect(step(situation)).toBe(expected))
})

describe('a recorded network', () => {
  it.each([
    ['is not here yet: is made', { record }, 'make'],
    ['is not for this host: is not made', { record, accepts: () => false }, 'nothing'],
    ['is here, and this host is no member yet: joins', { record, locals: [local()] }, 'join'],
    ['is here under another id than noted: joins again', { record, member, locals: [local({ Id: 'c' })] }, 'join'],
    ['is here and noted so', { record, member, locals: [local()] }, 'nothing'],
    ['is here twice: one goes', { record, member, locals: [local(), local({ Id: 'c' })] }, 'remove'],
    ['was here, and is gone: its user removed it', { record, member }, 'withdraw'],
    ['was here on an engine whose data were wiped: is made', { record, member, engineId: 'other' }, 'make'],
    ['was not made to the end: is made', { record, member: { ...member, state: 'making' as const } }, 'make'],
    ['could not be made before: is tried again', { record, member: { ...member, state: 'conflict' as const } }, 'make'],
    [
      'was the cluster store’s on this host: is made',
      { record, member: { ...member, via: 'cluster' as const } },
      'make',
    ],
    ['has a namesake of its id that a user made by hand', { record, locals: [local({ Name: 'red' })] }, 'make'],
  ])('%s', (_, situation, expected) => expect(step(situation)).toBe(expected))

  it('keeps the one that was noted when it is here twice', () => {
    const doubled = [local({ Id: 'c' }), local()]
    const situation = {
      engineId: 'engine',
      via: 'replica' as const,
      record,
      tombstone: undefined,
      member,
      locals: doubled,
    }
    const rules = { remembered: true, removedByCall: false, offers: () => true, accepts: () => true }
    expect(decide({ ...situation, ...rules })).toEqual({ step: 'remove', networks: [doubled[0]] })
  })
})

describe('a recorded network on a host with a cluster store', () => {
  const cluster = { via: 'cluster' as const, record }
  const inCluster = { ...member, via: 'cluster' as const, networkId: ID }
  it.each([
    ['is listed: joins', { ...cluster, locals: [made] }, 'join'],
    ['is not listed: the cluster store may be away', { ...cluster, member: inCluster }, 'nothing'],
    ['was removed by a call of Docker', { ...cluster, member: inCluster, removedByCall: true }, 'withdraw'],
    ['was made elsewhere: Docker alone makes networks there', cluster, 'nothing'],
  ])('%s', (_, situation, expected) => expect(step(situation)).toBe(expected))
})

describe('a network that was removed', () => {
  it.each([
    ['is still here: goes', { tombstone, member, locals: [local()] }, 'remove'],
    ['is gone, and this host still counts: leaves', { tombstone, member }, 'leave'],
    ['is gone: what is left of it is looked after', { tombstone }, 'finish'],
  ])('%s', (_, situation, expected) => expect(step(situation)).toBe(expected))
})
