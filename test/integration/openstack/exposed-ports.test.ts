import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { pino } from 'pino'
import { KeyedMutex } from '../../../src/concurrency/keyed-mutex.ts'
import { RetryLater } from '../../../src/concurrency/retry-later.ts'
import type { AccessServices, SecurityGroup } from '../../../src/neutron/access.ts'
import type { Port } from '../../../src/neutron/resources.ts'
import { PortExposure } from '../../../src/port-access/port-exposure.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { CloudApi } from '../../lab/openstack/cloud-api.ts'
import type { EndpointRecord, NetworkRecord } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { OpenStackHost } from './openstack-host.ts'

const TCP = 6
const UDP = 17
const SCTP = 132
const tcp = (...ports: number[]): { Proto: number; Port: number }[] => ports.map(Port => ({ Proto: TCP, Port }))

/** Milliseconds that a host keeps a group which none of its ports has. */
const keptFor = 300
const later = { timeout: 10_000 }

const unused = (): never => {
  throw new Error('expected no such call')
}

/** Resolves when it was called `count` times. */
function barrier(count: number): () => Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let waiting = 0
  return () => {
    waiting += 1
    if (waiting === count) resolve(undefined)
    return promise
  }
}

describe('ports that containers expose, on a real Neutron', () => {
  let cloud: TestOpenStack
  let operator: CloudApi
  let a: OpenStackHost
  let b: OpenStackHost
  let network: NetworkRecord
  let neutronNetwork: string

  beforeAll(async () => {
    await removeNamespaces()
    const extensionDrivers = ['port_security', 'tag_ports_during_bulk_creation']
    cloud = await testOpenStack({ hosts: ['a', 'b'], extensionDrivers })
    operator = new CloudApi({ directory: cloud.directory }, cloud.openstack)
    a = await OpenStackHost.open('a', cloudOf(cloud.openstack), { keptFor })
    b = await OpenStackHost.open('b', cloudOf(cloud.openstack), { keptFor })
    network = await a.docker.createNetwork({ subnet: ['10.1.0.0/24', 'fd01::/64'], gateway: '10.1.0.1', ipv6: true })
    const [found] = await a.neutron.networks.list()
    neutronNetwork = found?.id ?? ''
  }, 240_000)
  afterAll(async () => {
    await a.docker.removeNetwork(network)
    await a.close()
    await b.close()
    await removeNamespaces()
    await cloud.remove()
  })
  afterEach(async () => {
    await vi.waitFor(async () => expect(await groups()).toEqual([]), later)
    expect(await a.neutron.ports.list({ network_id: neutronNetwork })).toEqual([])
    expect([...a.docker.ignored, ...b.docker.ignored]).toEqual([])
  })

  const groups = async (): Promise<SecurityGroup[]> =>
    (await a.neutron.access.securityGroups.list()).filter(({ name }) => name !== 'default')

  const portOf = async ({ id }: EndpointRecord): Promise<Port> => {
    const [port] = await a.neutron.ports.list({ device_id: id })
    if (!port) throw new Error(`no port belongs to endpoint ${id}`)
    return port
  }

  const requestsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = (await cloud.openstack.neutron.requests()).length
    await work()
    const all = await cloud.openstack.neutron.requests()
    return all.slice(before).map(({ method, target }) => `${method} ${target.replace(/[?].*/, '').split('/')[2]}`)
  }

  const opened = ({ security_group_rules }: SecurityGroup): string[] =>
    security_group_rules
      .map(rule => {
        const { direction, ethertype, protocol, port_range_min: first, port_range_max: last } = rule
        return `${direction} ${ethertype} ${protocol} ${first}-${last} from ${rule.remote_ip_prefix}`
      })
      .sort()

  it('D5, D14: are opened on the port, beside its own groups, by IPv4 and IPv6, sctp too; warm without a request more', async () => {
    const expose = [...tcp(80, 443, 444), { Proto: UDP, Port: 53 }, { Proto: SCTP, Port: 9 }]
    const first = await a.docker.run(network, { expose })
    const [group, ...others] = await groups()
    expect(others).toEqual([])
    expect(group).toMatchObject({
      name: 'kuryr-exposed tcp/80,tcp/443-444,udp/53,sctp/9',
      description: expect.stringMatching(/^kuryr\.host:a /) as string,
      project_id: await a.neutron.access.ownProject(),
    })
    const rules = ['tcp 80-80', 'tcp 443-444', 'udp 53-53', 'sctp 9-9']
    const wanted = ['IPv4', 'IPv6'].flatMap(family => rules.map(rule => `ingress ${family} ${rule} from null`))
    expect(group && opened(group)).toEqual(wanted.sort())
    const plain = await a.docker.run(network)
    const own = (await portOf(plain)).security_groups
    expect(own).toHaveLength(1)
    expect((await portOf(first)).security_groups.toSorted()).toEqual([...own, group?.id].sort())

    let second!: EndpointRecord
    const start = await requestsOf(async () => (second = await a.docker.run(network, { expose: expose.toReversed() })))
    expect(start).toEqual(['POST ports', 'PUT ports'])
    expect((await portOf(second)).security_groups).toContain(group?.id)
    expect(await requestsOf(() => a.docker.stop(second))).toEqual(['DELETE ports'])
    await a.docker.stop(plain)
    await a.docker.stop(first)
  })

  it('are one group for all hosts, which the last user deletes', async () => {
    const expose = tcp(80)
    const [one, two] = [await a.docker.run(network, { expose }), await b.docker.run(network, { expose })]
    const [group, ...others] = await groups()
    expect(others).toEqual([])
    expect((await portOf(two)).security_groups).toContain(group?.id)
    const refused = await requestsOf(async () => {
      await a.docker.stop(one)
      await vi.waitFor(async () => expect(await deletions()).toContain(409), later)
    })
    expect(refused).toContain('DELETE security-groups')
    expect(await groups()).toEqual([group])
    await b.docker.stop(two)
  })

  const deletions = async (): Promise<number[]> =>
    (await cloud.openstack.neutron.requests())
      .filter(({ method, target }) => method === 'DELETE' && target.includes('/security-groups/'))
      .map(({ status }) => status)

  it('are opened by Join where CreateEndpoint was told nothing, with one request', async () => {
    const keeper = await a.docker.run(network, { expose: tcp(80) })
    let late!: EndpointRecord
    const run = async (): Promise<unknown> =>
      (late = await a.docker.run(network, { expose: tcp(80), exposedLate: true }))
    expect(await requestsOf(run)).toEqual(['POST ports', 'PUT ports', 'PUT ports'])
    expect((await portOf(late)).security_groups).toEqual(expect.arrayContaining((await portOf(keeper)).security_groups))
    for (const endpoint of [keeper, late]) await a.docker.stop(endpoint)
  })

  it('stay open over a restart of the daemon, which then deletes the group all the same', async () => {
    const endpoint = await a.docker.run(network, { expose: tcp(80) })
    await a.restart()
    const ids = { NetworkID: network.id, EndpointID: endpoint.id }
    const Options = { 'com.docker.network.endpoint.exposedports': tcp(80) }
    const before = (await portOf(endpoint)).security_groups
    await a.call('NetworkDriver.Join', { ...ids, SandboxKey: '/var/run/docker/netns/1', Options })
    expect((await portOf(endpoint)).security_groups).toEqual(before)
    expect(await groups()).toHaveLength(1)
    await a.restart()
    await a.sweepExposedGroups(Date.now() + 120_000)
    expect(await groups()).toHaveLength(1)
    await a.docker.stop(endpoint)
  })

  it('are opened by a new group where the known one vanished before the port took it', async () => {
    const one = await a.docker.run(network, { expose: tcp(80) })
    await b.docker.stop(await b.docker.run(network, { expose: tcp(80) }))
    const { id, security_groups } = await portOf(one)
    const [group] = await groups()
    const left = security_groups.filter(other => other !== group?.id)
    await a.neutron.ports.update(id, { security_groups: left })
    await a.neutron.access.securityGroups.delete(group?.id ?? '')
    const two = await a.docker.run(network, { expose: tcp(80) })
    const [anew] = await groups()
    expect(anew?.id).not.toBe(group?.id)
    expect((await portOf(two)).security_groups).toContain(anew?.id)
    for (const endpoint of [one, two]) await a.docker.stop(endpoint)
  })

  it('a group without its rules, of a daemon that was killed, is completed', async () => {
    const ports = { expose: [...tcp(80), { Proto: UDP, Port: 53 }] }
    const mark = 'kuryr.host:killed 11111111-2222-3333-4444-555555555555'
    const half = await made('kuryr-exposed tcp/80,udp/53', mark)
    const rule = { security_group_id: half.id, direction: 'ingress', ethertype: 'IPv6', protocol: 'udp' } as const
    await a.neutron.access.createSecurityGroupRules([{ ...rule, port_range_min: 53, port_range_max: 53 }])
    const endpoint = await a.docker.run(network, ports)
    const [group, ...others] = await groups()
    expect(others).toEqual([])
    expect(group?.id).toBe(half.id)
    expect(group && opened(group)).toEqual(
      ['IPv4', 'IPv6'].flatMap(one => ['tcp 80-80', 'udp 53-53'].map(r => `ingress ${one} ${r} from null`)).sort(),
    )
    await a.docker.stop(endpoint)
  })

  const made = (name: string, description: string): Promise<SecurityGroup> =>
    a.neutron.access.securityGroups.create({ name, description })

  it('a group that opens more than its name says is not used, nor one of others, nor one of another project', async () => {
    const mark = 'kuryr.host:x 11111111-2222-3333-4444-55555555555'
    const more = await made('kuryr-exposed tcp/80', `${mark}0`)
    const rule = { security_group_id: more.id, direction: 'ingress', ethertype: 'IPv4' } as const
    await a.neutron.access.createSecurityGroupRules([rule])
    const foreign = await made('kuryr-exposed tcp/80', 'of the operator')
    const body = { security_group: { name: 'kuryr-exposed tcp/80', description: `${mark}1` } }
    const { security_group: elsewhere } = (await operator.call('POST', '/v2.0/security-groups', body)) as {
      security_group: SecurityGroup
    }
    const endpoint = await a.docker.run(network, { expose: tcp(80) })
    const others = [more, foreign, elsewhere].map(({ id }) => id)
    const fresh = (await groups()).filter(({ id }) => !others.includes(id))
    expect(fresh).toHaveLength(1)
    const port = await portOf(endpoint)
    expect(port.security_groups).toContain(fresh[0]?.id)
    expect(port.security_groups.some(id => others.includes(id))).toBe(false)
    await a.docker.stop(endpoint)
    await a.sweepExposedGroups(Date.now() + 120_000)
    const left = await groups()
    expect(left.map(({ id }) => id).sort()).toEqual([foreign.id, elsewhere.id].sort())
    for (const { id } of left) await a.neutron.access.securityGroups.delete(id)
  })

  describe('of two hosts at once', () => {
    // Neutron's database is SQLite here, which takes one write at a time.
    const writes = new KeyedMutex()
    const exposed = [{ protocol: 'tcp', first: 80, last: 81 }] as const

    /** Makes a port and opens it as a host that sees Neutron's answers when `hold` lets it. */
    const openOn = async (
      host: OpenStackHost,
      hold: Partial<Record<'list' | 'createSecurityGroupRules', () => Promise<unknown>>>,
    ): Promise<{ port: Port; exposure: PortExposure }> => {
      const { neutron } = host
      const { access } = neutron
      const write = <T>(work: () => Promise<T>): Promise<T> => writes.run('', work)
      const securityGroups: AccessServices['securityGroups'] = {
        list: async query => {
          const found = await access.securityGroups.list(query)
          await hold.list?.()
          return found
        },
        create: body => write(() => access.securityGroups.create(body)),
        delete: id => write(() => access.securityGroups.delete(id)),
        show: id => access.securityGroups.show(id),
        ...{ update: unused, addTags: unused, removeTags: unused },
      }
      const exposure = new PortExposure({
        ...{ neutron, host: host.name, enabled: true, keptFor, log: pino({ level: 'silent' }) },
        later: new RetryLater({ isFinal: () => true, log: pino({ level: 'silent' }) }),
        access: {
          ...access,
          securityGroups,
          createSecurityGroupRules: async rules => {
            await hold.createSecurityGroupRules?.()
            return write(() => access.createSecurityGroupRules(rules))
          },
          deleteSecurityGroupRule: id => write(() => access.deleteSecurityGroupRule(id)),
        },
      })
      const port = await write(() => neutron.ports.create({ network_id: neutronNetwork }))
      const change = (groups: object): Promise<Port> => write(() => neutron.ports.update(port.id, groups))
      return { port: await exposure.expose({ port, exposed, groups: port.security_groups, change }, {}), exposure }
    }

    const expectOpenThenClose = async (opened2: { port: Port; exposure: PortExposure }[], count: number) => {
      const found = await groups()
      expect(found).toHaveLength(count)
      for (const group of found) {
        expect(opened(group)).toEqual(['ingress IPv4 tcp 80-81 from null', 'ingress IPv6 tcp 80-81 from null'])
      }
      for (const { port, exposure } of opened2) {
        const has = (await a.neutron.ports.show(port.id)).security_groups
        expect(has.filter(id => found.some(group => group.id === id))).toHaveLength(1)
        await a.neutron.ports.delete(port.id)
        await exposure.released(port, {})
        await vi.waitFor(async () => expect((await groups()).length).toBeLessThanOrEqual(count), later)
      }
    }

    it('that each find nothing, both open their ports, and nothing stays', async () => {
      const both = barrier(2)
      const done = await Promise.all([a, b].map(host => openOn(host, { list: both })))
      await expectOpenThenClose(done, 2)
    })

    it('of which one finds the group that the other has just begun, both open their ports', async () => {
      const [began, completed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
      const first = openOn(a, {
        createSecurityGroupRules: () => {
          began.resolve(undefined)
          return completed.promise
        },
      })
      await began.promise
      const second = await openOn(b, {})
      completed.resolve(undefined)
      await expectOpenThenClose([await first, second], 1)
    })
  })

  it.each([['goes on'], ['is started anew']])(
    'a port of the operator’s has its own groups again at its end, if the daemon %s',
    async how => {
      const theirs = await made('web', 'of the operator')
      const [subnet] = await a.neutron.subnets.list({ network_id: neutronNetwork, ip_version: 4 })
      const [six] = await a.neutron.subnets.list({ network_id: neutronNetwork, ip_version: 6 })
      const fixed_ips = [{ subnet_id: subnet?.id ?? '', ip_address: '10.1.0.77' }, { subnet_id: six?.id ?? '' }]
      const wish = { network_id: neutronNetwork, fixed_ips, security_groups: [theirs.id], tags: ['web'] }
      const port = await a.neutron.ports.create(wish)
      const before = await a.neutron.ports.show(port.id)
      const endpoint = await a.docker.run(network, { ip: '10.1.0.77', expose: tcp(80) })
      const during = await portOf(endpoint)
      const [group] = (await groups()).filter(({ name }) => name.startsWith('kuryr-exposed'))
      expect(during.security_groups.toSorted()).toEqual([theirs.id, group?.id].sort())
      expect(during.tags).toContain(`kuryr.sg.exposed:${group?.id}`)
      const added = await made('added', 'by the operator meanwhile')
      await a.neutron.ports.update(port.id, { security_groups: [...during.security_groups, added.id] })
      if (how !== 'goes on') await a.restart()
      await a.docker.stop(endpoint)
      const after = await a.neutron.ports.show(port.id)
      expect(after.security_groups.toSorted()).toEqual([theirs.id, added.id].sort())
      const changed = { revision_number: 0, updated_at: '', security_groups: [] }
      expect({ ...after, ...changed }).toEqual({ ...before, ...changed })
      await a.neutron.ports.delete(port.id)
      for (const { id } of [theirs, added]) await a.neutron.access.securityGroups.delete(id)
      if (how !== 'goes on') await a.sweepExposedGroups(Date.now() + 120_000)
    },
  )

  it('L7: the group that Python Kuryr made for a port goes with the port', async () => {
    const endpoint = await a.docker.run(network)
    const port = await portOf(endpoint)
    const theirs = await made(`${port.id}-exposed_ports`, '')
    await a.neutron.ports.update(port.id, { security_groups: [...port.security_groups, theirs.id] })
    await a.neutron.ports.removeTags(port.id, ['kuryr.host:a'])
    await a.restart()
    await a.docker.stop(endpoint)
    expect(await groups()).toEqual([])
  })

  it('a daemon’s start deletes what no port has, but for what was just made', async () => {
    const endpoint = await b.docker.run(network, { expose: tcp(80) })
    const mark = 'kuryr.host:gone 11111111-2222-3333-4444-555555555555'
    const left = await made('kuryr-exposed tcp/81', mark)
    const ids = async (): Promise<string[]> => (await groups()).map(({ id }) => id)
    const quiet = await OpenStackHost.open('c', cloudOf(cloud.openstack))
    await quiet.sweepExposedGroups(Date.now())
    expect(await ids()).toContain(left.id)
    await quiet.sweepExposedGroups(Date.now() + 120_000)
    expect(await ids()).not.toContain(left.id)
    expect(await ids()).toHaveLength(1)
    await quiet.close()
    await b.docker.stop(endpoint)
  })

  it.each([
    ['security_group', 1, 'raise its quota'],
    ['security_group_rule', 4, 'tcp/80'],
  ])(
    'where the quota of %s is used up the start fails, says what to do, and leaves nothing',
    async (kind, most, words) => {
      const project = await a.neutron.access.ownProject()
      const quota = (value: number): Promise<unknown> =>
        operator.call('PUT', `/v2.0/quotas/${project}`, { quota: { [kind]: value } })
      await quota(most)
      try {
        await expect(a.docker.run(network, { expose: tcp(80) })).rejects.toThrow(words)
        expect(await groups()).toEqual([])
      } finally {
        await quota(-1)
      }
      await a.docker.stop(await a.docker.run(network, { expose: tcp(80) }))
    },
  )

  it('a port that Neutron does not filter needs nothing', async () => {
    await a.neutron.networks.update(neutronNetwork, { port_security_enabled: false })
    try {
      const endpoint = await a.docker.run(network, { expose: tcp(80) })
      expect(await portOf(endpoint)).toMatchObject({ port_security_enabled: false, security_groups: [] })
      expect(await groups()).toEqual([])
      await a.docker.stop(endpoint)
    } finally {
      await a.neutron.networks.update(neutronNetwork, { port_security_enabled: true })
    }
  })

  it('with process_external_connectivity = false nothing is opened', async () => {
    const set = ['DEFAULT.process_external_connectivity=false']
    const closed = await OpenStackHost.open('a2', cloudOf(cloud.openstack), { set })
    const endpoint = await closed.docker.run(network, { expose: tcp(80) }).catch((error: unknown) => error)
    // No agent of Neutron's is on that host: the binding fails, after the port was changed.
    expect(String(endpoint)).toContain('binding')
    expect(await groups()).toEqual([])
    await closed.close()
  })

  it('a start that fails after the port was changed, or that no Docker sends, leaves nothing', async () => {
    const without = await OpenStackHost.open('a3', cloudOf(cloud.openstack), { keptFor })
    await expect(without.docker.run(network, { expose: tcp(80) })).rejects.toThrow()
    await vi.waitFor(async () => expect(await groups()).toEqual([]), later)
    await without.close()
    const strange = [{ Proto: 6, Port: 'http' as unknown as number }]
    await expect(a.docker.run(network, { expose: strange })).rejects.toThrow('exposedports')
    const late = { expose: [{ Proto: 6, Port: 0 }], exposedLate: true }
    await expect(a.docker.run(network, late)).rejects.toThrow('a port from 1 to 65535')
  })
})

describe('ports that containers expose, on a Neutron without security groups', () => {
  it('need nothing', async () => {
    await removeNamespaces()
    const moreMl2Ini = '[securitygroup]\nenable_security_group = false\n'
    const cloud = await testOpenStack({ hosts: ['a'], moreMl2Ini })
    const host = await OpenStackHost.open('a', cloudOf(cloud.openstack), { keptFor })
    try {
      await expect(host.neutron.access.securityGroups.list()).rejects.toMatchObject({ type: 'HTTPNotFound' })
      const network = await host.docker.createNetwork({ subnet: '10.1.0.0/24', gateway: '10.1.0.1' })
      const endpoint = await host.docker.run(network, { expose: tcp(80) })
      await host.sweepExposedGroups(Date.now())
      await host.docker.stop(endpoint)
      await host.docker.removeNetwork(network)
      expect(host.docker.ignored).toEqual([])
    } finally {
      await host.close()
      await removeNamespaces()
      await cloud.remove()
    }
  }, 240_000)
})
