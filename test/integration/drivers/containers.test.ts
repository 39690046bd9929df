import { describe, expect, it } from 'vitest'
import { dockerId, type NetworkRecord, nth, plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

const DUAL = { subnet: ['10.1.0.0/24', 'fd00:1::/64'], ipv6: true }

describe.skipIf(!isRoot)('containers (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('a full subnet is named in the refusal; nothing is left of the start, and a release makes room', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: '10.1.0.0/29' })
    const containers = []
    for (let count = 0; count < 5; count++) containers.push(await docker.run(network))
    const before = await contentOf(scene.neutron)
    const { message, status } = await refusal(docker.run(network))
    expect(message).toContain('subnet 10.1.0.0/29 has no free address left')
    expect(status).toBe(409)
    expect(await contentOf(scene.neutron)).toEqual(before)
    const [first, ...others] = containers
    if (first) await docker.stop(first)
    const again = await docker.run(network)
    expect(plainAddress(again)).toBe(first && plainAddress(first))
    for (const one of [again, ...others]) await docker.stop(one)
    await docker.removeNetwork(network)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('an address in use is refused on every host; the container that has it is not disturbed', async () => {
    const { node1, node2 } = scene
    const network = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const { id } = await node1.docker.run(network, { ip: '10.1.0.9' })
    const before = await contentOf(scene.neutron)
    for (const { docker } of [node1, node2]) {
      const { message } = await refusal(docker.run(network, { ip: '10.1.0.9' }))
      expect(message).toContain('10.1.0.9')
    }
    expect(await contentOf(scene.neutron)).toEqual(before)
    expect(before.ports).toMatchObject([{ device_id: id, status: 'ACTIVE' }])
  })

  it.each(['10.2.0.9', '10.1.0.0', '10.1.0.255'])(
    '--ip %s is refused: no host of 10.1.0.0/24 can have it',
    async ip => {
      const network = await scene.node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
      const { message } = await refusal(scene.node1.docker.run(network, { ip }))
      expect(message).toContain(`address ${ip} is not one that a host in 10.1.0.0/24 can have`)
      expect(await scene.neutron.ports.list()).toEqual([])
    },
  )

  it('--mac-address is the port’s; in use it is refused by its value, and nothing is left', async () => {
    const { node1, node2 } = scene
    const network = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const { id } = await node1.docker.run(network, { mac: '02:42:0a:01:00:09' })
    expect(await scene.neutron.ports.list()).toMatchObject([{ device_id: id, mac_address: '02:42:0a:01:00:09' }])
    const before = await contentOf(scene.neutron)
    const { message } = await refusal(node2.docker.run(network, { mac: '02:42:0A:01:00:09' }))
    expect(message).toContain('02:42:0a:01:00:09')
    expect(await contentOf(scene.neutron)).toEqual(before)
    expect(await node2.plugged()).toEqual([])
  })

  it('the operator’s dual-stack port is adopted with both addresses and given back', async () => {
    const net = await scene.neutron.networks.create({ name: 'dual' })
    const v4 = await scene.neutron.subnets.create({ network_id: net.id, cidr: '10.1.0.0/24' })
    const v6 = await scene.neutron.subnets.create({ network_id: net.id, cidr: 'fd00:1::/64', ip_version: 6 })
    const fixed_ips = [
      { subnet_id: v4.id, ip_address: '10.1.0.9' },
      { subnet_id: v6.id, ip_address: 'fd00:1::9' },
    ]
    const port = await scene.neutron.ports.create({ network_id: net.id, fixed_ips })
    await addPort(scene.neutron, v4, '10.1.0.10')
    await scene.remember()
    const { docker } = scene.node1
    const network = await docker.createNetwork({ ...DUAL, opt: { 'neutron.net.name': 'dual' } })
    for (const flags of [{ ip: '10.1.0.9' }, { ip: '10.1.0.9', ip6: 'fd00:1::9' }]) {
      const container = await docker.run(network, flags)
      expect(plainAddress(container, 6)).toBe('fd00:1::9')
      expect((await scene.neutron.ports.list({ device_id: container.id })).map(({ id }) => id)).toEqual([port.id])
      // Docker, where IPv6 is disabled in the container.
      const [, second] = container.addresses
      await docker.releaseAddresses({ ...container, addresses: second ? [second] : [] })
      expect(await scene.neutron.ports.show(port.id)).toMatchObject({ device_id: container.id, fixed_ips })
      await docker.stop(container)
    }
    expect((await refusal(docker.run(network, { ip: '10.1.0.9', ip6: 'fd00:1::77' }))).message).toContain('fd00:1::9')
    expect((await refusal(docker.run(network, { ip: '10.1.0.10' }))).message).toContain('no address in subnet')
    await docker.removeNetwork(network)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('--ip6 is taken; in use it is refused, and the IPv4 address goes with the failed start', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork(DUAL)
    const container = await docker.run(network, { ip6: 'fd00:1::77' })
    const fixed_ips = [{ ip_address: plainAddress(container) }, { ip_address: 'fd00:1::77' }]
    expect(await scene.neutron.ports.list()).toMatchObject([{ fixed_ips }])
    expect((await refusal(docker.run(network, { ip6: 'fd00:1::77' }))).message).toContain('fd00:1::77')
    expect(await scene.neutron.ports.list()).toHaveLength(1)
  })

  it('releasing the IPv6 address of a live endpoint drops that address only, also after a restart', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork(DUAL)
    const container = await docker.run(network)
    await scene.node1.restart()
    await docker.releaseAddresses({ ...container, addresses: container.addresses.slice(1) })
    const ports = await scene.neutron.ports.list()
    expect(ports.map(port => port.fixed_ips.map(ip => ip.ip_address))).toEqual([[plainAddress(container)]])
    expect(await scene.node1.plugged()).not.toEqual([])
    await docker.stop(container)
    await docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('ReleaseAddress alone ends an endpoint that died with its dockerd', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork(DUAL)
    const container = await docker.run(network)
    await scene.node1.restart()
    await docker.releaseAddresses(container)
    await docker.removeNetwork(network)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('a host that never saw the network made runs containers in it and removes it', async () => {
    const { node1, node2 } = scene
    const network = await node1.docker.createNetwork(DUAL)
    const container = await node2.docker.run(network)
    expect(container.joined).toMatchObject({ Gateway: '10.1.0.1', GatewayIPv6: 'fd00:1::1' })
    expect(await scene.neutron.ports.list()).toMatchObject([{ 'binding:host_id': 'b' }])
    await node2.docker.stop(container)
    await node2.docker.removeNetwork(network)
    expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
    await scene.expectNothingLeft()
  })

  it('another host ends a stale endpoint (disconnect -f): the port goes, that host’s own are left alone', async () => {
    const { node1, node2 } = scene
    const network = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const stale = await node1.docker.run(network)
    const own = await node2.docker.run(network)
    const ids = { NetworkID: network.id, EndpointID: stale.id }
    await node2.call('NetworkDriver.DeleteEndpoint', ids)
    await node2.docker.releaseAddresses(stale)
    expect(await scene.neutron.ports.list()).toMatchObject([{ device_id: own.id, status: 'ACTIVE' }])
  })

  it('calls for networks, endpoints and pools that nobody knows end well where they remove, and in words elsewhere', async () => {
    const before = await contentOf(scene.neutron)
    const ids = { NetworkID: dockerId(), EndpointID: dockerId() }
    const PoolID = '11111111-2222-4333-8444-555555555555'
    for (const [method, message] of [
      ['NetworkDriver.Leave', ids],
      ['NetworkDriver.DeleteEndpoint', ids],
      ['NetworkDriver.DeleteNetwork', { NetworkID: ids.NetworkID }],
      ['IpamDriver.ReleaseAddress', { PoolID, Address: '10.1.0.2' }],
      ['IpamDriver.ReleasePool', { PoolID }],
    ] as const) {
      expect(await scene.node1.call(method, message)).toEqual({})
    }
    const unknown: [string, object, string][] = [
      ['IpamDriver.RequestAddress', { PoolID, Address: '' }, PoolID],
      ['NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: '10.1.0.2/24' } }, ids.NetworkID],
      ['NetworkDriver.Join', { ...ids, SandboxKey: '/var/run/docker/netns/1' }, ids.EndpointID],
    ]
    for (const [method, message, value] of unknown) {
      expect((await refusal(scene.node1.call(method, message))).message).toContain(value)
    }
    expect(await contentOf(scene.neutron)).toEqual(before)
  })

  it('CreateEndpoint with the address of a VM, or of another endpoint, changes nothing', async () => {
    const { subnet, vm } = await operate(scene.neutron)
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: subnet.cidr, opt: { 'neutron.net.name': 'blue' } })
    const other = await docker.run(network)
    const before = await contentOf(scene.neutron)
    for (const Address of ['10.0.0.50/24', other.addresses[0]?.address]) {
      const message = { NetworkID: network.id, EndpointID: dockerId(), Interface: { Address } }
      await refusal(scene.node1.call('NetworkDriver.CreateEndpoint', message))
    }
    const [PoolID] = network.pools.map(({ poolId }) => poolId)
    await scene.node1.call('IpamDriver.ReleaseAddress', { PoolID, Address: '10.0.0.50' })
    expect(await contentOf(scene.neutron)).toEqual(before)
    expect(before.ports).toContainEqual(vm)
  })

  it('two networks on one container, and twenty containers started and stopped at once on two hosts', async () => {
    const hosts = [scene.node1, scene.node2]
    const networks: NetworkRecord[] = []
    for (const subnet of ['10.1.0.0/24', '10.2.0.0/24'])
      networks.push(await scene.node1.docker.createNetwork({ subnet }))
    const starts = Array.from({ length: 20 }, async (_, at) => {
      const docker = hosts[at % 2]?.docker ?? scene.node1.docker
      const network = nth(networks, at % 4 < 2 ? 0 : 1)
      return { docker, container: await docker.run(network) }
    })
    const running = await Promise.all(starts)
    expect(new Set(running.map(({ container }) => plainAddress(container))).size).toBe(20)
    await Promise.all(running.map(({ docker, container }) => docker.stop(container)))
    for (const network of networks) await scene.node2.docker.removeNetwork(network)
    expect(hosts.flatMap(({ docker }) => docker.ignored)).toEqual([])
    await scene.expectNothingLeft()
  })
})
