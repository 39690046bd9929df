import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { type EndpointRecord, type NetworkFlags, type NetworkRecord, plainAddress } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { RequestTable, requestsOf } from './counted-requests.ts'
import { OpenStackHost } from './openstack-host.ts'

const table = new RequestTable(['first start', 'next start', 'stop', 'rm'])

/** What docs/openstack.md says. */
const EXPECTED = {
  'all made by kuryr': {
    flags: { subnet: '10.1.0.0/24', gateway: '10.1.0.1' },
    restarted: [5, 2, 2, 4],
    elsewhere: [5, 2, 1, 4],
  },
  'dual stack': {
    flags: { subnet: ['10.2.0.0/24', 'fd02::/64'], gateway: '10.2.0.1', ipv6: true },
    restarted: [6, 2, 2, 5],
    elsewhere: [6, 2, 1, 5],
  },
  'existing network and subnet': {
    flags: { subnet: '10.4.0.0/24', gateway: '10.4.0.1' },
    restarted: [5, 2, 2, 7],
    elsewhere: [5, 2, 1, 7],
  },
} satisfies Record<string, { flags: NetworkFlags; restarted: number[]; elsewhere: number[] }>

describe('requests of Neutron where the network was not made', () => {
  let cloud: TestOpenStack
  let maker: OpenStackHost
  let other: OpenStackHost
  beforeAll(async () => {
    await removeNamespaces()
    const extensionDrivers = ['port_security', 'tag_ports_during_bulk_creation']
    cloud = await testOpenStack({ hosts: ['a', 'b'], extensionDrivers })
    maker = await OpenStackHost.open('a', cloudOf(cloud.openstack))
    other = await OpenStackHost.open('b', cloudOf(cloud.openstack))
    await Promise.all([maker.neutron.extensions(), other.neutron.extensions()])
  }, 240_000)
  afterAll(async () => {
    table.print()
    await maker.close()
    await other.close()
    await removeNamespaces()
    await cloud.remove()
  })
  afterEach(() => vi.useRealTimers())

  const counted = (work: () => Promise<unknown>): Promise<number> => requestsOf(cloud.openstack, work)

  const made = async (name: keyof typeof EXPECTED): Promise<NetworkRecord> => {
    const { flags } = EXPECTED[name]
    if (!name.startsWith('existing')) return maker.docker.createNetwork(flags)
    const { id } = await maker.neutron.networks.create({ name: 'of the operator' })
    await maker.neutron.subnets.create({ network_id: id, ip_version: 4, cidr: String(flags.subnet) })
    return maker.docker.createNetwork({ ...flags, opt: { 'neutron.net.uuid': id } })
  }

  /** Starts two containers, stops `running` or the first of them, and removes the network. */
  const lived = async (host: OpenStackHost, network: NetworkRecord, running?: EndpointRecord): Promise<number[]> => {
    const started: EndpointRecord[] = []
    const start = () => counted(async () => started.push(await host.docker.run(network)))
    const [first, next] = [await start(), await start()]
    const [one = running, ...others] = [...(running ? [running] : []), ...started]
    const stop = await counted(async () => one && (await host.docker.stop(one)))
    for (const endpoint of others) await host.docker.stop(endpoint)
    const remove = await counted(() => host.docker.removeNetwork(network))
    expect(host.docker.ignored).toEqual([])
    expect(await host.neutron.subnetpools.list()).toEqual([])
    expect(await host.neutron.ports.list()).toEqual([])
    return [first, next, stop, remove]
  }

  it.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])('%s, after a restart of the daemon', async name => {
    const network = await made(name)
    const running = await maker.docker.run(network)
    await maker.restart()
    await maker.neutron.extensions()
    const counts = await lived(maker, network, running)
    table.add(`${name}, after a restart`, counts)
    expect(counts).toEqual(EXPECTED[name].restarted)
  })

  it.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])('%s, on another host', async name => {
    const network = await made(name)
    const counts = await lived(other, network)
    table.add(`${name}, on another host`, counts)
    expect(counts).toEqual(EXPECTED[name].elsewhere)
  })

  it('a start after five minutes, in which the operator may have changed the network, asks twice more', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    // It takes its clock at its start.
    await maker.restart()
    const network = await made('all made by kuryr')
    await maker.docker.stop(await maker.docker.run(network))
    const [subnet] = await maker.neutron.subnets.list({ cidr: '10.1.0.0/24' })
    await maker.neutron.subnets.update(subnet?.id ?? '', { gateway_ip: null })
    let endpoint!: EndpointRecord
    vi.setSystemTime(Date.now() + 301_000)
    expect(await counted(async () => (endpoint = await maker.docker.run(network)))).toBe(4)
    expect(plainAddress(endpoint)).toMatch(/^10\.1\.0\./)
    expect(endpoint.joined.Gateway).toBeUndefined()
    await maker.docker.stop(endpoint)
    await maker.docker.removeNetwork(network)
    expect(maker.docker.ignored).toEqual([])
  })
})
