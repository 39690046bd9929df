import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describePort } from '../../../src/port-description/describe-port.ts'
import { silentLog } from '../../contract/neutron-stores.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { Docker, type EndpointRecord, type NetworkFlags, type NetworkRecord, type RunFlags } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { RequestTable, requestsOf } from './counted-requests.ts'
import { OpenStackHost } from './openstack-host.ts'

/** Requests for `docker network create`, a container's start, its stop, and `docker network rm`. */
type Counts = [create: number, start: number, stop: number, remove: number]

/** What a Neutron has beside the least. */
interface Server {
  name: string
  extensionDrivers: string[]
  tagCreation: boolean
  /** Which variants it makes a difference to. */
  counts: (variant: Variant) => boolean
}

const SERVERS: Server[] = [
  {
    name: 'Neutron as it is',
    extensionDrivers: ['port_security'],
    tagCreation: false,
    counts: ({ name }) => name === 'all made by kuryr',
  },
  {
    name: 'with tags in the create body of ports',
    extensionDrivers: ['port_security', 'tag_ports_during_bulk_creation'],
    tagCreation: false,
    counts: () => true,
  },
  {
    name: 'with that, and with tag-creation',
    extensionDrivers: ['port_security', 'tag_ports_during_bulk_creation'],
    tagCreation: true,
    counts: ({ existing }) => existing !== undefined,
  },
]

interface Variant {
  name: string
  flags: NetworkFlags
  run?: RunFlags
  /** The operator's network, and subnets in it, that are there before; named by `-o`, or by `--ipam-opt` too. */
  existing?: { subnets: string[]; named: '-o' | '-o and --ipam-opt' }
  /** What docs/openstack.md says. */
  expected: Counts
  /** How many the extension `tag-creation` spares at the creation of the network. */
  spared?: number
  /** Python Kuryr's, recorded on the same Neutron. */
  upstream?: Counts
}

const VARIANTS: Variant[] = [
  {
    name: 'all made by kuryr',
    flags: { subnet: '10.1.0.0/24', gateway: '10.1.0.1' },
    expected: [6, 2, 1, 3],
    upstream: [13, 16, 8, 13],
  },
  {
    name: 'dual stack',
    flags: { subnet: ['10.2.0.0/24', 'fd02::/64'], gateway: '10.2.0.1', ipv6: true },
    expected: [10, 2, 1, 4],
  },
  {
    name: 'with --ip',
    flags: { subnet: '10.3.0.0/24', gateway: '10.3.0.1' },
    run: { ip: '10.3.0.77' },
    expected: [6, 2, 1, 3],
    upstream: [13, 17, 8, 13],
  },
  {
    name: 'existing network and subnet',
    flags: { subnet: '10.4.0.0/24', gateway: '10.4.0.1' },
    existing: { subnets: ['10.4.0.0/24'], named: '-o' },
    expected: [8, 2, 1, 6],
    spared: 2,
    upstream: [13, 18, 10, 15],
  },
  {
    name: 'existing network and subnet, --ipam-opt too',
    flags: { subnet: '10.4.0.0/24', gateway: '10.4.0.1' },
    existing: { subnets: ['10.4.0.0/24'], named: '-o and --ipam-opt' },
    expected: [8, 2, 1, 6],
    spared: 2,
  },
  {
    name: 'existing network and two subnets, dual stack',
    flags: { subnet: ['10.4.0.0/24', 'fd04::/64'], gateway: '10.4.0.1', ipv6: true },
    existing: { subnets: ['10.4.0.0/24', 'fd04::/64'], named: '-o' },
    expected: [11, 2, 1, 8],
    spared: 2,
  },
  {
    name: 'existing network, new subnet',
    flags: { subnet: '10.4.0.0/24', gateway: '10.4.0.1' },
    existing: { subnets: [], named: '-o' },
    expected: [9, 2, 1, 6],
    spared: 2,
  },
]

const { signal } = new AbortController()
const table = new RequestTable(['create', 'start', 'stop', 'rm'])
afterAll(() => table.print())

describe.each(SERVERS)('$name', ({ name: server, extensionDrivers, tagCreation, counts: isCounted }) => {
  const tagsInCreate = extensionDrivers.includes('tag_ports_during_bulk_creation')
  let cloud: TestOpenStack
  let host: OpenStackHost
  beforeAll(async () => {
    await removeNamespaces()
    cloud = await testOpenStack({ hosts: ['a', 'b'], extensionDrivers, tagCreation })
    host = await OpenStackHost.open('a', cloudOf(cloud.openstack))
    // The daemon's first call, which logs in; the token is warm from here on.
    await host.neutron.extensions()
  }, 240_000)
  afterAll(async () => {
    await host.close()
    await removeNamespaces()
    await cloud.remove()
  })

  const counted = (work: () => Promise<unknown>): Promise<number> => requestsOf(cloud.openstack, work)

  const lived = async ({ flags, run }: Variant): Promise<Counts> => {
    let network!: NetworkRecord
    let endpoint!: EndpointRecord
    const create = await counted(async () => (network = await host.docker.createNetwork(flags)))
    const start = await counted(async () => (endpoint = await host.docker.run(network, run)))
    const stop = await counted(() => host.docker.stop(endpoint))
    const remove = await counted(() => host.docker.removeNetwork(network))
    expect(host.docker.ignored).toEqual([])
    return [create, start, stop, remove]
  }

  /** What may be in Neutron that was not there before: nothing, and no mark. */
  const content = async (): Promise<unknown> => {
    const { networks, subnets, subnetpools, ports } = host.neutron
    const lists = await Promise.all([networks.list(), subnets.list(), subnetpools.list(), ports.list()])
    return lists.map(list => list.map(({ id, tags }) => [id, ...tags.sort()]).sort())
  }

  /** The operator's network, and the options that name it. */
  const prepared = async ({ existing }: Pick<Variant, 'existing'>): Promise<NetworkFlags> => {
    if (!existing) return {}
    const { id } = await host.neutron.networks.create({ name: 'of the operator', tags: ['theirs'] })
    for (const cidr of existing.subnets) {
      const ip_version = cidr.includes(':') ? 6 : 4
      await host.neutron.subnets.create({ network_id: id, ip_version, cidr, tags: ['theirs'] })
    }
    const opt = { 'neutron.net.uuid': id }
    return existing.named === '-o' ? { opt } : { opt, ipamOpt: opt }
  }

  it.each(VARIANTS.filter(isCounted))('$name', async variant => {
    const options = await prepared(variant)
    const before = await content()
    const counts = await lived({ ...variant, flags: { ...variant.flags, ...options } })
    expect(await content()).toEqual(before)
    table.add(`${variant.name} (${server})`, counts)
    if (!variant.existing || tagCreation) table.add('  Python Kuryr', variant.upstream)
    const [create, start, stop, remove] = variant.expected
    const spared = tagCreation ? (variant.spared ?? 0) : 0
    expect(counts).toEqual([create - spared, tagsInCreate ? start : start + 1, stop, remove])
  })

  it('of two Docker networks on one existing subnet, the first to go leaves the other its marks, its ports and the subnet', async () => {
    const named = await prepared({ existing: { subnets: ['10.8.0.0/24'], named: '-o' } })
    const flags = { subnet: '10.8.0.0/24', gateway: '10.8.0.1', ...named }
    const before = await content()
    const other = await host.docker.createNetwork({ ...flags, aux: { router: '10.8.0.9' } })
    const endpoint = await host.docker.run(other)
    const withOther = await content()
    const network = await host.docker.createNetwork(flags)
    // A start that was cut off: its port is this network's, and nobody else will let it go.
    await host.call('IpamDriver.RequestAddress', { PoolID: network.pools[0]?.poolId, Address: '', Options: {} })
    await host.docker.removeNetwork(network)
    expect(await content()).toEqual(withOther)
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(other, 'network first')
    expect(host.docker.ignored).toEqual([])
    expect(await content()).toEqual(before)
  })

  it('a network that goes between two calls of one create is looked for again, and refused', async () => {
    const before = await content()
    const named = await prepared({ existing: { subnets: ['10.9.0.0/24'], named: '-o and --ipam-opt' } })
    const docker = new Docker(async (method, message) => {
      if (method.endsWith('CreateNetwork')) await host.neutron.networks.delete(named.opt?.['neutron.net.uuid'] ?? '')
      return host.call(method, message)
    })
    await expect(docker.createNetwork({ subnet: '10.9.0.0/24', ...named })).rejects.toThrow('no network with uuid')
    expect(docker.ignored).toEqual([])
    expect(await content()).toEqual(before)
  })

  // The same everywhere: once is enough.
  if (!tagsInCreate)
    it('a container’s name and labels cost two requests after its start, one without labels, and none once they are there', async () => {
      const network = await host.docker.createNetwork({ subnet: '10.11.0.0/24', gateway: '10.11.0.1' })
      const endpoint = await host.docker.run(network)
      const { neutron } = host
      const tell = async (labels: Record<string, string>): Promise<number> => {
        const [port] = await neutron.ports.list({ device_id: endpoint.id })
        if (!port) throw new Error('expected the port of the endpoint')
        return counted(() => describePort({ neutron, log: silentLog }, port, { name: 'web', labels }, { signal }))
      }
      const counts = [await tell({}), await tell({ team: 'net', 'a/b': 'c' }), await tell({ team: 'net', 'a/b': 'c' })]
      expect(counts).toEqual([1, 1, 0])
      expect(await neutron.ports.list({ device_id: endpoint.id })).toMatchObject([{ description: 'web' }])
      await host.docker.stop(endpoint)
      await host.docker.removeNetwork(network)
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
