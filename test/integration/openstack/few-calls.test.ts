import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import type { EndpointRecord, NetworkFlags, NetworkRecord, RunFlags } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { OpenStackHost } from './openstack-host.ts'

/** Requests for `docker network create`, a container's start, its stop, and `docker network rm`. */
type Counts = [create: number, start: number, stop: number, remove: number]

/** Python Kuryr's, recorded on the same Neutron; `undefined`: it cannot do that. */
const UPSTREAM = {
  'all made by kuryr': [13, 16, 8, 13],
  'dual stack': undefined,
  'with --ip': [13, 17, 8, 13],
  'existing network and subnet': [13, 18, 10, 15],
} satisfies Record<string, Counts | undefined>

/** What docs/openstack.md says of create and remove. */
const EXPECTED: Record<keyof typeof UPSTREAM, { create: number; remove: number }> = {
  'all made by kuryr': { create: 6, remove: 3 },
  'dual stack': { create: 10, remove: 4 },
  'with --ip': { create: 6, remove: 3 },
  'existing network and subnet': { create: 9, remove: 11 },
}

interface Variant {
  name: keyof typeof UPSTREAM
  flags: NetworkFlags
  run?: RunFlags
}

const gateway = (subnet: string): string => subnet.replace(/0\/.*/, '1')
const VARIANTS: Variant[] = [
  { name: 'all made by kuryr', flags: { subnet: '10.1.0.0/24', gateway: gateway('10.1.0.0/24') } },
  { name: 'dual stack', flags: { subnet: ['10.2.0.0/24', 'fd02::/64'], gateway: '10.2.0.1', ipv6: true } },
  { name: 'with --ip', flags: { subnet: '10.3.0.0/24', gateway: '10.3.0.1' }, run: { ip: '10.3.0.77' } },
  { name: 'existing network and subnet', flags: { subnet: '10.4.0.0/24', gateway: '10.4.0.1' } },
]

const rows: string[] = []
afterAll(() => {
  const head = `${'requests of Neutron for'.padEnd(40)} create  start  stop  rm`
  process.stdout.write(`\n${[head, ...rows].join('\n')}\n`)
})

function tell(what: string, counts: Counts | undefined): void {
  const [create, start, stop, remove] = counts ?? ['-', '-', '-', '-']
  const cells = [
    String(create).padStart(6),
    String(start).padStart(6),
    String(stop).padStart(5),
    String(remove).padStart(3),
  ]
  rows.push(`${what.padEnd(40)} ${cells.join(' ')}`)
}

describe.each([
  ['with tags in the create body of ports', ['port_security', 'tag_ports_during_bulk_creation'], 0],
  ['without', ['port_security'], 1],
])('Neutron %s', (kind, extensionDrivers, more) => {
  let cloud: TestOpenStack
  let host: OpenStackHost
  beforeAll(async () => {
    await removeNamespaces()
    cloud = await testOpenStack({ hosts: ['a'], extensionDrivers })
    host = await OpenStackHost.open('a', cloudOf(cloud.openstack))
    // The daemon's first call, which logs in; the token is warm from here on.
    await host.neutron.extensions()
  }, 240_000)
  afterAll(async () => {
    await host.close()
    await removeNamespaces()
    await cloud.remove()
  })

  const lived = async ({ flags, run }: Variant): Promise<Counts> => {
    let network!: NetworkRecord
    let endpoint!: EndpointRecord
    const create = await requestsOf(async () => (network = await host.docker.createNetwork(flags)))
    const start = await requestsOf(async () => (endpoint = await host.docker.run(network, run)))
    const stop = await requestsOf(() => host.docker.stop(endpoint))
    const remove = await requestsOf(() => host.docker.removeNetwork(network))
    expect(host.docker.ignored).toEqual([])
    return [create, start, stop, remove]
  }

  const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = (await cloud.openstack.neutron.requests()).length
    await work()
    const all = await cloud.openstack.neutron.requests()
    if (process.env.KURYR_SHOW_REQUESTS) {
      for (const one of all.slice(before)) process.stdout.write(`${one.method} ${one.status} ${one.target}\n`)
      process.stdout.write('\n')
    }
    return all.length - before
  }

  /** What may be in Neutron that was not there before: nothing. */
  const content = async (): Promise<unknown> => {
    const ids = (list: { id: string }[]) => list.map(({ id }) => id).sort()
    const { networks, subnets, subnetpools, ports } = host.neutron
    return Promise.all([networks.list(), subnets.list(), subnetpools.list(), ports.list()]).then(all => all.map(ids))
  }

  it.each(VARIANTS)('$name', async variant => {
    const existing = variant.name.startsWith('existing')
    const options: NetworkFlags = {}
    if (existing) {
      const { id } = await host.neutron.networks.create({ name: 'of the operator' })
      await host.neutron.subnets.create({ network_id: id, ip_version: 4, cidr: String(variant.flags.subnet) })
      options.opt = { 'neutron.net.uuid': id }
    }
    const before = await content()
    const counts = await lived({ ...variant, flags: { ...variant.flags, ...options } })
    expect(await content()).toEqual(before)
    tell(`${variant.name}, ${kind === 'without' ? 'no tags in create' : 'tags in create'}`, counts)
    if (more === 0) tell('  Python Kuryr', UPSTREAM[variant.name])
    const [create, start, stop, remove] = counts
    expect({ create, remove }).toEqual(EXPECTED[variant.name])
    // With --ip it is looked first whether the operator made a port of that address.
    const looks = variant.name === 'with --ip' ? 1 : 0
    expect({ start, stop }).toEqual({ start: 2 + more + looks, stop: 1 })
  })

  it('what is remembered of a network and is not so any more is looked for again, once', async () => {
    const network = await host.docker.createNetwork({ subnet: '10.7.0.0/24', gateway: '10.7.0.1' })
    const [subnet] = await host.neutron.subnets.list({ tags: [network.pools[0]?.poolId ?? ''] })
    if (!subnet) throw new Error('expected a subnet with the tag of its pool')
    const { id, name, cidr, network_id, subnetpool_id, tags } = subnet
    await host.neutron.subnets.delete(id)
    await host.neutron.subnets.create({ name, cidr, network_id, subnetpool_id, ip_version: 4, tags })
    const endpoint = await host.docker.run(network)
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(network)
    expect(host.docker.ignored).toEqual([])
    expect(await host.neutron.networks.list({ id: network_id })).toEqual([])
  })

  it('a start that Docker takes back leaves nothing and costs one more', async () => {
    const network = await host.docker.createNetwork({ subnet: '10.5.0.0/24', gateway: '10.5.0.1' })
    const before = await content()
    await expect(host.docker.run(network, { ip: '10.6.0.1' })).rejects.toThrow('not one that a host in 10.5.0.0/24')
    expect(await content()).toEqual(before)
    await host.docker.removeNetwork(network)
  })
})
