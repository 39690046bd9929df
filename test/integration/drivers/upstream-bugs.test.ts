import { describe, expect, it } from 'vitest'
import { dockerIdTags } from '../../../src/ownership/marks.ts'
import { dockerId, plainAddress } from './docker.ts'
import { interposed } from './interposed.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

/** Each by its name in the list of Python Kuryr's bugs; each fails on what upstream does. */
describe.skipIf(!isRoot)('destructive bugs of upstream (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('B1: a network without --subnet, made or failed, never deletes the operator’s default pool', async () => {
    const { neutron } = scene
    const pool = { name: 'kuryr', prefixes: ['10.70.0.0/16'], default_prefixlen: 24 }
    const { id } = await neutron.subnetpools.create(pool)
    await scene.remember()
    const { docker } = scene.node1
    const network = await docker.createNetwork({})
    expect(network.pools[0]).toMatchObject({ pool: '10.70.0.0/24', gateway: '10.70.0.1/24' })
    expect(network.pools[0]?.poolId).not.toBe(id)
    await docker.removeNetwork(network)
    await refusal(docker.createNetwork({ opt: { 'neutron.net.uuid': id } }))
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it.each([
    ['a VM', { device_owner: 'compute:nova', device_id: 'vm' }],
    ['a router', { device_owner: 'network:router_interface', device_id: 'r' }],
    ['DHCP', { device_owner: 'network:dhcp', device_id: 'dhcp' }],
    ['a device without owner', { device_owner: '', device_id: 'something' }],
  ])('B2: --ip of the port of %s is refused, and the port untouched', async (_, owner) => {
    const { subnet, network: net } = await operate(scene.neutron)
    const { id } = await addPort(scene.neutron, subnet, '10.0.0.60', owner)
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: subnet.cidr, ipamOpt: { 'neutron.net.uuid': net.id } })
    const before = await contentOf(scene.neutron)
    const { message } = await refusal(docker.run(network, { ip: '10.0.0.60' }))
    expect(message).toContain('10.0.0.60')
    expect(message).toContain(id)
    expect(await contentOf(scene.neutron)).toEqual(before)
  })

  it('B3: a second host’s network with the same CIDR, removed or failed, leaves the first host’s as it was', async () => {
    const { node1, node2 } = scene
    const opt = { 'neutron.net.name': 'blue' }
    await operate(scene.neutron)
    const one = await node1.docker.createNetwork({ subnet: '10.5.0.0/24', opt })
    const before = await contentOf(scene.neutron)
    const two = await node2.docker.createNetwork({ subnet: '10.5.0.0/24', opt })
    await node2.docker.removeNetwork(two)
    await refusal(node2.docker.createNetwork({ subnet: '10.5.0.0/24', gateway: '10.5.0.9', opt }))
    const after = await contentOf(scene.neutron)
    expect(after.subnetpools).toEqual(before.subnetpools)
    expect(after.subnets.map(({ id, tags }) => ({ id, tags }))).toEqual(before.subnets.map(({ id, tags }) => ({ id, tags })))
    const container = await node1.docker.run(one)
    await node1.docker.stop(container)
    expect((await scene.neutron.ports.list({ tags: ['compute:kuryr'] })).length).toBe(0)
    expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
  })

  it('B4: removing one Docker network leaves the idle subnets of the others on the same Neutron network', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const opt = { 'neutron.net.name': 'blue' }
    const one = await docker.createNetwork({ subnet: '10.1.0.0/24', opt })
    const two = await scene.node2.docker.createNetwork({ subnet: '10.2.0.0/24', opt })
    await docker.removeNetwork(one)
    const cidrs = (await scene.neutron.subnets.list()).map(({ cidr }) => cidr).sort()
    expect(cidrs).toEqual(['10.0.0.0/24', '10.2.0.0/24'])
    await docker.stop(await docker.run(two))
    await docker.removeNetwork(two)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('B5: no failing look-up at the start makes an existing network renamed or deleted', async () => {
    const { network } = await operate(scene.neutron)
    await scene.remember()
    const host = await scene.reopen({
      through: neutron => ({
        ...interposed(neutron, ({ proceed }) => proceed()),
        extensions: () => Promise.reject(new Error('the extensions are not there at the moment')),
      }),
    })
    const made = await host.docker.createNetwork({ subnet: '10.0.0.0/24', opt: { 'neutron.net.uuid': network.id } })
    expect((await scene.neutron.networks.show(network.id)).name).toBe('blue')
    await host.docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('B6: the operator’s pool survives both of two Docker networks that take their subnets from it', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const ipamOpt = { 'neutron.pool.name': 'campus' }
    const one = await docker.createNetwork({ subnet: '10.64.1.0/24', ipamOpt })
    const two = await docker.createNetwork({ ipamOpt })
    expect(two.pools[0]?.pool).toBe('10.64.0.0/24')
    const pool = await scene.neutron.subnetpools.list({ name: 'campus' })
    const from = await scene.neutron.subnets.list({ subnetpool_id: pool[0]?.id })
    expect(from.map(({ cidr }) => cidr).sort()).toEqual(['10.64.0.0/24', '10.64.1.0/24'])
    await docker.removeNetwork(one)
    await docker.removeNetwork(two, 'network first')
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('B7: another tenant’s subnet with the same CIDR is neither asked for its gateway nor allocated from', async () => {
    const { subnet } = await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: subnet.cidr, gateway: '10.0.0.7' })
    const container = await docker.run(network)
    const taken = await scene.neutron.ports.list({ fixed_ips: [`subnet_id=${subnet.id}`] })
    expect(taken.map(port => port.device_id)).toEqual(['a-vm'])
    await docker.stop(container)
    await docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('B8: releasing an address touches no port with that address in another subnet', async () => {
    const { docker } = scene.node1
    const one = await docker.createNetwork({ subnet: '10.3.0.0/24' })
    const two = await scene.node2.docker.createNetwork({ subnet: '10.3.0.0/24' })
    const first = await docker.run(one, { ip: '10.3.0.9' })
    const second = await scene.node2.docker.run(two, { ip: '10.3.0.9' })
    await docker.stop(first)
    const left = await scene.neutron.ports.list({ fixed_ips: ['ip_address=10.3.0.9'] })
    expect(left.map(port => port.device_id)).toEqual([second.id])
    // Released by the wrong pool, as for an endpoint that is long gone.
    await docker.releaseAddresses(first)
    expect(await scene.neutron.ports.list({ fixed_ips: ['ip_address=10.3.0.9'] })).toEqual(left)
  })
})

describe.skipIf(!isRoot)('broken features of upstream (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('D1: a network without --subnet works, each with a prefix of its own, also when asked for at once', async () => {
    const { docker } = scene.node1
    const networks = await Promise.all([0, 1, 2].map(() => docker.createNetwork({ ipv6: true })))
    expect(new Set(networks.flatMap(({ pools }) => pools.map(({ pool }) => pool))).size).toBe(6)
    for (const network of networks) {
      const container = await docker.run(network)
      expect(container.joined.Gateway).toBe(network.pools[0]?.gateway.replace(/\/.*/, ''))
      await docker.stop(container)
      await docker.removeNetwork(network)
    }
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('D2: a container on a dual-stack network has one port with two addresses', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: ['10.1.0.0/24', 'fd00:1::/64'], ipv6: true })
    const container = await docker.run(network)
    const ports = await scene.neutron.ports.list({ device_id: container.id })
    expect(ports.map(port => port.fixed_ips.map(ip => ip.ip_address))).toEqual([
      [plainAddress(container), plainAddress(container, 6)],
    ])
    expect(container.joined).toMatchObject({ Gateway: '10.1.0.1', GatewayIPv6: 'fd00:1::1' })
    expect((await scene.neutron.ports.list()).length).toBe(1)
    await docker.stop(container)
    await docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('D3: no --gateway is needed: the first address is answered, or the existing subnet’s', async () => {
    const { subnet, network: net } = await operate(scene.neutron)
    const { docker } = scene.node1
    const made = await docker.createNetwork({ subnet: '10.1.0.0/24' })
    expect(made.pools[0]?.gateway).toBe('10.1.0.1/24')
    const adopted = await docker.createNetwork({ subnet: subnet.cidr, ipamOpt: { 'neutron.net.uuid': net.id } })
    expect(adopted.pools[0]?.gateway).toBe('10.0.0.254/24')
    const [own] = await scene.neutron.subnets.list({ cidr: '10.1.0.0/24' })
    expect(own?.gateway_ip).toBe('10.1.0.1')
  })

  it('D4: --aux-address is kept from containers on a new and on an existing subnet, and let go at rm', async () => {
    const { subnet } = await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const small = await docker.createNetwork({ subnet: '10.1.0.0/29', aux: { a: '10.1.0.2', b: '10.1.0.4' } })
    const got = [await docker.run(small), await docker.run(small), await docker.run(small)]
    expect(got.map(container => plainAddress(container)).sort()).toEqual(['10.1.0.3', '10.1.0.5', '10.1.0.6'])
    await refusal(docker.run(small))
    // 10.0.0.50 is the VM's: it keeps it, and nobody else gets it.
    const aux = { vm: '10.0.0.50', router: '10.0.0.2' }
    const opt = { 'neutron.net.uuid': subnet.network_id }
    const large = await docker.createNetwork({ subnet: subnet.cidr, opt, aux })
    expect(plainAddress(await docker.run(large))).not.toBe('10.0.0.2')
    for (const container of got) await docker.stop(container)
    await docker.removeNetwork(small)
    await docker.removeNetwork(large, 'network first')
    expect(docker.ignored).toEqual([])
    // Docker removes no network with endpoints: the one left running here goes with the last user of the subnet.
    expect((await scene.neutron.ports.list()).map(({ device_id }) => device_id)).toEqual(['a-vm'])
  })

  it('D4: an --aux-address or gateway that another network’s container has is not released with the network', async () => {
    const net = await scene.neutron.networks.create({ name: 'green' })
    const cidr = '10.6.0.0/24'
    await scene.neutron.subnets.create({ network_id: net.id, cidr, gateway_ip: null })
    const { docker } = scene.node1
    const opt = { 'neutron.net.name': 'green' }
    const one = await docker.createNetwork({ subnet: cidr, opt })
    const [gateway, aux] = [await docker.run(one, { ip: '10.6.0.1' }), await docker.run(one, { ip: '10.6.0.5' })]
    const two = await docker.createNetwork({ subnet: cidr, opt, aux: { taken: '10.6.0.5' } })
    expect(two.pools[0]?.gateway).toBe('10.6.0.1/24')
    await docker.removeNetwork(two)
    const ids = (await scene.neutron.ports.list()).map(({ device_id }) => device_id)
    expect(ids.sort()).toEqual([gateway.id, aux.id].sort())
  })

  it('D5: exposed ports are answered, and reached without any rule', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: '10.1.0.0/24' })
    const { id } = await docker.run(network)
    const exposed = [{ Proto: 132, Port: 80 }]
    const Options = { 'com.docker.network.endpoint.exposedports': exposed, 'com.docker.network.portmap': [] }
    const ids = { NetworkID: network.id, EndpointID: id }
    expect(await scene.node1.call('NetworkDriver.ProgramExternalConnectivity', { ...ids, Options })).toEqual({})
    expect(await scene.node1.call('NetworkDriver.RevokeExternalConnectivity', ids)).toEqual({})
    expect((await scene.neutron.ports.list({ device_id: id }))[0]?.security_groups).toEqual([])
  })

  it.each([['--ip'], ['--ip, then --mac-address of its own']])(
    'D8, D9: an adopted port (%s) is given back with its name, MAC and addresses, without owner, device or mark',
    async how => {
      const { subnet } = await operate(scene.neutron)
      const port = await addPort(scene.neutron, subnet, '10.0.0.77', { name: 'for a container' })
      await scene.remember()
      const { docker } = scene.node1
      const network = await docker.createNetwork({ subnet: subnet.cidr, opt: { 'neutron.net.name': 'blue' } })
      const mac = how === '--ip' ? {} : { mac: port.mac_address }
      for (const round of [1, 2]) {
        const container = await docker.run(network, { ip: '10.0.0.77', ...mac })
        expect(container.mac, `round ${round}`).toBe(port.mac_address)
        const held = await scene.neutron.ports.show(port.id)
        expect(held).toMatchObject({ device_id: container.id, name: 'for a container', 'binding:host_id': 'a' })
        expect(held.tags).toContain('kuryr.port.existing')
        await docker.stop(container)
        expect({ ...(await scene.neutron.ports.show(port.id)), revision_number: 0, updated_at: '', status: '' }).toEqual({
          ...port,
          revision_number: 0,
          updated_at: '',
          status: '',
        })
      }
      const other = await refusal(docker.run(network, { ip: '10.0.0.77', mac: '02:42:0a:00:00:01' }))
      expect(other.message).toContain(port.mac_address)
      await docker.removeNetwork(network)
      await scene.expectNothingLeft()
    },
  )

  it('D10, D11: three --subnet on one network; Join answers the routes of the endpoint’s own subnet only', async () => {
    const { subnet } = await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    const cidrs = ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24']
    const several = await docker.createNetwork({ subnet: cidrs })
    const container = await docker.run(several)
    expect(container.joined).toMatchObject({ Gateway: '10.1.0.1', StaticRoutes: [] })
    const third = { ...several, pools: several.pools.slice(2) }
    const inThird = await docker.run(third)
    expect(inThird.joined).toMatchObject({ Gateway: '10.3.0.1' })
    expect(plainAddress(inThird)).toBe('10.3.0.2')
    const opt = { 'neutron.net.uuid': subnet.network_id }
    const blue = await docker.createNetwork({ subnet: subnet.cidr, opt })
    const beside = await docker.createNetwork({ subnet: '10.4.0.0/24', opt })
    const [inBlue, inBeside] = [await docker.run(blue), await docker.run(beside)]
    expect(inBlue.joined).toMatchObject({
      Gateway: '10.0.0.254',
      StaticRoutes: [{ Destination: '10.9.0.0/16', RouteType: 0, NextHop: '10.0.0.200' }],
    })
    expect(inBeside.joined).toMatchObject({ Gateway: '10.4.0.1', StaticRoutes: [] })
    for (const one of [container, inThird, inBlue, inBeside]) await docker.stop(one)
    for (const one of [several, blue, beside]) await docker.removeNetwork(one)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('D12: IPv6 prefixes /109 and /119, another exec-root and upper-case MACs are taken', async () => {
    const { docker } = scene.node1
    for (const [at, length] of [109, 119].entries()) {
      const subnet = [`10.${at}.0.0/24`.replace('10.0', '10.8'), `fd00:${at}::/${length}`]
      const network = await docker.createNetwork({ subnet, ipv6: true })
      const ids = { NetworkID: network.id, EndpointID: dockerId() }
      const container = await docker.run(network, { mac: '0A:bB:cc:00:00:01' }, ids.EndpointID)
      const [port] = await scene.neutron.ports.list({ device_id: container.id })
      expect(port?.mac_address).toBe('0a:bb:cc:00:00:01')
      const SandboxKey = '/srv/docker-2/netns/0123456789ab'
      expect(await scene.node1.call('NetworkDriver.Join', { ...ids, SandboxKey, Options: {} })).toEqual(container.joined)
    }
  })

  it('D13: the MTU of the network is on the container’s end', async () => {
    const { docker } = scene.node1
    const net = await scene.neutron.networks.create({ name: 'small', mtu: 1400 })
    const network = await docker.createNetwork({ subnet: '10.1.0.0/24', opt: { 'neutron.net.uuid': net.id } })
    const { joined } = await docker.run(network)
    expect(await scene.node1.show(joined.InterfaceName.SrcName)).toContain('mtu 1400')
  })

  it('D15: refusals print the values, not their place-holders', async () => {
    const { network, subnet } = await operate(scene.neutron)
    const { docker } = scene.node1
    const shared = { 'neutron.net.uuid': network.id, 'neutron.net.shared': 'yes' }
    const conflict = await refusal(docker.createNetwork({ subnet: subnet.cidr, opt: shared }))
    expect(conflict.message).toContain(`neutron.net.shared=true, but the network with uuid ${network.id} has shared=false`)
    const nameless = await refusal(docker.createNetwork({ subnet: subnet.cidr, ipamOpt: { 'neutron.subnet.name': 'red' } }))
    expect(nameless.message).toContain('no subnet with name "red"')
    expect(docker.ignored).toEqual([])
  })
})

describe.skipIf(!isRoot)('leaks and races of upstream (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('L1: a CreateNetwork that fails at its last step leaves nothing, before and after Docker’s own roll-back', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const { docker } = scene.node1
    for (const opt of [{ 'neutron.net.name': 'blue' }, {}]) {
      // The second subnet overlaps the first one.
      const subnet = ['10.1.0.0/24', '10.1.0.0/25']
      const { message } = await refusal(docker.createNetwork({ subnet, opt: opt as Record<string, string> }))
      expect(message).toContain('10.1.0.0/25')
      expect(docker.ignored).toEqual([])
      await scene.expectNothingLeft()
    }
  })

  it('L2: a CreateEndpoint that fails late leaves no interface, and the port unbound until it is released', async () => {
    const host = await scene.reopen({
      through: neutron =>
        interposed(neutron, ({ name, args, proceed }) => {
          const wired = name === 'ports.update' && (args[1] as { status?: string }).status === 'ACTIVE'
          return wired ? Promise.reject(new Error('the network service went away')) : proceed()
        }),
    })
    const network = await host.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const PoolID = network.pools[0]?.poolId
    const { Address } = (await host.call('IpamDriver.RequestAddress', { PoolID, Address: '', Options: null })) as {
      Address: string
    }
    const message = { NetworkID: network.id, EndpointID: dockerId(), Interface: { Address }, Options: {} }
    await refusal(host.call('NetworkDriver.CreateEndpoint', message))
    expect(await host.plugged()).toEqual([])
    expect(await scene.neutron.ports.list()).toMatchObject([{ device_id: '', 'binding:host_id': '', status: 'DOWN' }])
    await host.call('IpamDriver.ReleaseAddress', { PoolID, Address: Address.replace(/\/.*/, '') })
    await host.docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it('L8: a wrong neutron.net.shared is found before the network is marked', async () => {
    const { network } = await operate(scene.neutron)
    const before = await scene.neutron.networks.show(network.id)
    const opt = { 'neutron.net.uuid': network.id, 'neutron.net.shared': 'true' }
    await refusal(scene.node1.docker.createNetwork({ subnet: '10.0.0.0/24', opt }))
    expect(await scene.neutron.networks.show(network.id)).toEqual(before)
  })

  it('L9: a pool that does not hold the CIDR is refused without a mark on it', async () => {
    const { pool } = await operate(scene.neutron)
    const before = await contentOf(scene.neutron)
    const named = { 'neutron.pool.uuid': pool.id }
    for (const flags of [{ ipamOpt: named }, { opt: named }]) {
      const { message } = await refusal(scene.node1.docker.createNetwork({ subnet: '10.1.0.0/24', ...flags }))
      expect(message).toContain(`10.1.0.0/24 does not lie in subnet pool campus (${pool.id}), which has 10.64.0.0/16`)
    }
    expect(await contentOf(scene.neutron)).toEqual(before)
  })

  it('R1, R2: two hosts make the same CIDR on one Neutron network at once: one subnet, which the last one deletes', async () => {
    await operate(scene.neutron)
    await scene.remember()
    const opt = { 'neutron.net.name': 'blue' }
    const hosts = [scene.node1, scene.node2]
    for (let round = 0; round < 5; round++) {
      const networks = await Promise.all(hosts.map(({ docker }) => docker.createNetwork({ subnet: '10.5.0.0/24', opt })))
      expect(await scene.neutron.subnets.list({ cidr: '10.5.0.0/24' })).toHaveLength(1)
      expect(await scene.neutron.subnetpools.list({ name: 'kuryrPool-10.5.0.0/24' })).toHaveLength(2)
      const containers = await Promise.all(hosts.map(({ docker }, at) => docker.run(networks[at] ?? { id: '', pools: [] })))
      expect(new Set(containers.map(container => plainAddress(container))).size).toBe(2)
      await Promise.all(hosts.map(({ docker }, at) => docker.stop(containers[at] as (typeof containers)[0])))
      await Promise.all(hosts.map(({ docker }, at) => docker.removeNetwork(networks[at] as (typeof networks)[0])))
      expect(hosts.flatMap(({ docker }) => docker.ignored)).toEqual([])
      await scene.expectNothingLeft()
    }
  })

  it('R3: CreateNetwork sent twice, one after the other or at once, makes one network', async () => {
    const { node1 } = scene
    const id = dockerId()
    const made = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' }, id)
    const datum = { AddressSpace: '', Pool: '10.1.0.0/24', Gateway: '10.1.0.1/24' }
    const message = { NetworkID: id, Options: {}, IPv4Data: [datum], IPv6Data: [] }
    const before = await contentOf(scene.neutron)
    await Promise.all([1, 2].map(() => node1.call('NetworkDriver.CreateNetwork', message)))
    expect(await contentOf(scene.neutron)).toEqual(before)
    expect(await scene.neutron.networks.list({ tags: dockerIdTags(id) })).toHaveLength(1)
    await node1.docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('R4: of containers that want the operator’s port at once, one gets it, on any host', async () => {
    const { subnet } = await operate(scene.neutron)
    const port = await addPort(scene.neutron, subnet, '10.0.0.77')
    await scene.remember()
    const hosts = [scene.node1, scene.node2, scene.node1, scene.node2]
    const opt = { 'neutron.net.name': 'blue' }
    const networks = [
      await scene.node1.docker.createNetwork({ subnet: subnet.cidr, opt }),
      await scene.node2.docker.createNetwork({ subnet: subnet.cidr, opt }),
    ]
    for (let round = 0; round < 5; round++) {
      const tries = hosts.map(({ docker }, at) => docker.run(networks[at % 2] as (typeof networks)[0], { ip: '10.0.0.77' }))
      const outcomes = await Promise.allSettled(tries)
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const got = outcomes[winner] as PromiseFulfilledResult<Awaited<(typeof tries)[0]>>
      expect((await scene.neutron.ports.show(port.id)).device_id).toBe(got.value.id)
      await (hosts[winner] as (typeof hosts)[0]).docker.stop(got.value)
      expect((await scene.neutron.ports.show(port.id)).tags).toEqual([])
    }
    await scene.node1.docker.removeNetwork(networks[0] as (typeof networks)[0])
    await scene.node2.docker.removeNetwork(networks[1] as (typeof networks)[0])
    expect(hosts.flatMap(({ docker }) => docker.ignored)).toEqual([])
    await scene.expectNothingLeft()
  })
})
