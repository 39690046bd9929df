import { describe, expect, it } from 'vitest'
import { dockerId, plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { Scene } from './scene.ts'

/** Each by its name in the list of Python Kuryr's bugs; each fails on what upstream does. */
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
        expect({
          ...(await scene.neutron.ports.show(port.id)),
          revision_number: 0,
          updated_at: '',
          status: '',
        }).toEqual({
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
      expect(await scene.node1.call('NetworkDriver.Join', { ...ids, SandboxKey, Options: {} })).toEqual(
        container.joined,
      )
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
    expect(conflict.message).toContain(
      `neutron.net.shared=true, but the network with uuid ${network.id} has shared=false`,
    )
    const nameless = await refusal(
      docker.createNetwork({ subnet: subnet.cidr, ipamOpt: { 'neutron.subnet.name': 'red' } }),
    )
    expect(nameless.message).toContain('no subnet with name "red"')
    expect(docker.ignored).toEqual([])
  })
})
