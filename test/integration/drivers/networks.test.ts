import { describe, expect, it } from 'vitest'
import { type NetworkFlags, plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { operate, type Operated } from './operator.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

const UNKNOWN = '11111111-2222-4333-8444-555555555555'

describe.skipIf(!isRoot)('what a network is made of (needs root, bridge, veth)', () => {
  const scene = new Scene()

  /** Makes the network, starts a container in it, and takes both away again. */
  async function used(flags: NetworkFlags, order: 'ipam first' | 'network first' = 'ipam first') {
    const { docker } = scene.node1
    const network = await docker.createNetwork(flags)
    const container = await docker.run(network)
    const [port] = await scene.neutron.ports.list({ device_id: container.id })
    const neutronNetwork = await scene.neutron.networks.show(port?.network_id ?? '')
    const subnet = await scene.neutron.subnets.show(port?.fixed_ips[0]?.subnet_id ?? '')
    await docker.stop(container)
    await docker.removeNetwork(network, order)
    expect(docker.ignored).toEqual([])
    return { network, container, neutronNetwork, subnet }
  }

  type Side = 'opt' | 'ipamOpt' | 'both'
  const given = (side: Side, options: Record<string, string>): NetworkFlags => ({
    ...(side !== 'ipamOpt' && { opt: options }),
    ...(side !== 'opt' && { ipamOpt: options }),
  })
  const sides: Side[] = ['opt', 'ipamOpt', 'both']

  it.each(sides)('an existing network, by uuid and by name, named in %s, with its subnet or a new one', async side => {
    const { network, subnet } = await operate(scene.neutron)
    await scene.remember()
    for (const named of [{ 'neutron.net.uuid': network.id }, { 'neutron.net.name': 'blue' }]) {
      const adopted = await used({ subnet: subnet.cidr, ...given(side, named) })
      expect([adopted.neutronNetwork.id, adopted.subnet.id]).toEqual([network.id, subnet.id])
      const made = await used({ subnet: '10.1.0.0/24', ...given(side, named) }, 'network first')
      expect(made.neutronNetwork.id).toBe(network.id)
      expect(made.subnet.name).toBe('kuryr-subnet-10.1.0.0/24')
      await scene.expectNothingLeft()
    }
  })

  it.each(sides)('an existing subnet, by uuid and by name, named in %s, brings its network', async side => {
    const { network, subnet } = await operate(scene.neutron)
    await scene.remember()
    for (const named of [{ 'neutron.subnet.uuid': subnet.id }, { 'neutron.subnet.name': 'blue-4' }]) {
      for (const with_ of [{}, { 'neutron.net.uuid': network.id }]) {
        const adopted = await used({ subnet: subnet.cidr, ...given(side, { ...named, ...with_ }) })
        expect([adopted.neutronNetwork.id, adopted.subnet.id]).toEqual([network.id, subnet.id])
      }
      await scene.expectNothingLeft()
    }
  })

  it('an existing subnet gives its CIDR where --subnet is left out', async () => {
    const { subnet } = await operate(scene.neutron)
    await scene.remember()
    const { network } = await used({ ipamOpt: { 'neutron.subnet.uuid': subnet.id } })
    expect(network.pools).toMatchObject([{ pool: '10.0.0.0/24', gateway: '10.0.0.254/24' }])
    await scene.expectNothingLeft()
  })

  it.each(sides)(
    'an existing pool, by uuid and by name, named in %s, is what the subnet is allocated from',
    async side => {
      const { pool } = await operate(scene.neutron)
      await scene.remember()
      for (const named of [{ 'neutron.pool.uuid': pool.id }, { 'neutron.pool.name': 'campus' }]) {
        const made = await used({ subnet: '10.64.7.0/24', ...given(side, named) })
        expect(made.subnet.subnetpool_id).toBe(pool.id)
        await scene.expectNothingLeft()
      }
    },
  )

  it('a uuid wins over a name', async () => {
    const { network, subnet } = await operate(scene.neutron)
    const both = { 'neutron.net.uuid': network.id.toUpperCase(), 'neutron.net.name': 'no such' }
    expect((await used({ subnet: subnet.cidr, opt: both })).neutronNetwork.id).toBe(network.id)
  })

  it('made: upstream’s names and tags, and a pool named kuryrPool-<cidr> whose id is on the subnet', async () => {
    const { docker } = scene.node1
    const { id, pools } = await docker.createNetwork({ subnet: '10.1.0.0/24' })
    const { networks, subnets, subnetpools } = await contentOf(scene.neutron)
    expect(networks).toMatchObject([{ name: `kuryr-net-${id.slice(0, 8)}` }])
    expect(networks[0]?.tags).toContain(`kuryr.net.uuid.lh:${id.slice(0, 32)}`)
    expect(networks[0]?.tags).toContain(`kuryr.net.uuid.uh:${id.slice(32)}`)
    const poolId = pools[0]?.poolId
    expect(subnets).toMatchObject([{ name: 'kuryr-subnet-10.1.0.0/24', subnetpool_id: poolId, tags: [poolId] }])
    expect(subnetpools).toMatchObject([{ id: poolId, name: 'kuryrPool-10.1.0.0/24', prefixes: ['10.1.0.0/24'] }])
  })

  it('--ip-range is the Neutron subnet’s CIDR, and the prefix length that containers get', async () => {
    const flags = { subnet: '10.0.0.0/16', ipRange: '10.0.0.0/24', gateway: '10.0.0.1' }
    const { network, container, subnet } = await used(flags)
    expect(network.pools).toMatchObject([{ pool: '10.0.0.0/24', gateway: '10.0.0.1/24' }])
    expect(subnet.cidr).toBe('10.0.0.0/24')
    expect(container.addresses[0]?.address).toBe('10.0.0.2/24')
    await scene.expectNothingLeft()
  })

  it('an explicit --gateway is the subnet’s, and no container’s', async () => {
    const { container, subnet } = await used({ subnet: '10.1.0.0/29', gateway: '10.1.0.2' })
    expect(subnet.gateway_ip).toBe('10.1.0.2')
    expect(container.joined).toMatchObject({ Gateway: '10.1.0.2' })
    expect(plainAddress(container)).toBe('10.1.0.1')
  })

  it('a subnet without gateway gives containers no default route', async () => {
    const net = await scene.neutron.networks.create({ name: 'island' })
    await scene.neutron.subnets.create({ network_id: net.id, cidr: '10.7.0.0/24', gateway_ip: null })
    const { container } = await used({ subnet: '10.7.0.0/24', opt: { 'neutron.net.name': 'island' } })
    expect(container.joined).not.toHaveProperty('Gateway')
  })

  it('--internal gives no default route, also on a host that never saw the network made', async () => {
    const { node1, node2 } = scene
    const flags = { subnet: ['10.1.0.0/24', 'fd00:1::/64'], ipv6: true, internal: true }
    const network = await node1.docker.createNetwork(flags)
    for (const { docker } of [node1, node2]) {
      const { joined } = await docker.run(network)
      expect(joined).not.toHaveProperty('Gateway')
      expect(joined).not.toHaveProperty('GatewayIPv6')
    }
  })

  it('a network of ours that a second Docker network adopts stays until the last of them', async () => {
    const { node1, node2 } = scene
    const one = await node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
    const [made] = await scene.neutron.networks.list()
    const opt = { 'neutron.net.uuid': made?.id ?? '' }
    const two = await node2.docker.createNetwork({ subnet: '10.1.0.0/24', opt })
    await node1.docker.removeNetwork(one)
    expect((await scene.neutron.networks.list()).map(({ id }) => id)).toEqual([made?.id])
    const container = await node2.docker.run(two)
    expect(plainAddress(container)).toMatch(/^10\.1\.0\./)
    await node2.docker.stop(container)
    await node2.docker.removeNetwork(two)
    expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
    await scene.expectNothingLeft()
  })

  it('two networks with one CIDR at once, on one host and on two, are apart', async () => {
    const dockers = [scene.node1.docker, scene.node1.docker, scene.node2.docker]
    const networks = await Promise.all(dockers.map(docker => docker.createNetwork({ subnet: '10.0.0.0/24' })))
    for (const [at, network] of networks.entries()) {
      const container = await (dockers[at] ?? scene.node1.docker).run(network, { ip: '10.0.0.9' })
      const [port] = await scene.neutron.ports.list({ device_id: container.id })
      const subnet = await scene.neutron.subnets.show(port?.fixed_ips[0]?.subnet_id ?? '')
      expect(subnet.tags).toEqual([network.pools[0]?.poolId])
      await (dockers[at] ?? scene.node1.docker).stop(container)
    }
    for (const network of networks) await scene.node2.docker.removeNetwork(network)
    expect(dockers.flatMap(({ ignored }) => ignored)).toEqual([])
    await scene.expectNothingLeft()
  })
})

describe.skipIf(!isRoot)('networks that cannot be (needs root)', () => {
  const scene = new Scene()

  const cases: [string, (operated: Operated) => NetworkFlags, string | RegExp][] = [
    [
      'an unknown network',
      () => ({ subnet: '10.0.0.0/24', opt: { 'neutron.net.uuid': UNKNOWN } }),
      `no network with uuid ${UNKNOWN}`,
    ],
    [
      'an unknown subnet',
      () => ({ subnet: '10.0.0.0/24', opt: { 'neutron.subnet.uuid': UNKNOWN } }),
      `no subnet with uuid ${UNKNOWN}`,
    ],
    ['an unknown pool', () => ({ ipamOpt: { 'neutron.pool.uuid': UNKNOWN } }), `no subnet pool with uuid ${UNKNOWN}`],
    [
      'an unknown name',
      () => ({ subnet: '10.0.0.0/24', ipamOpt: { 'neutron.net.name': 'gone' } }),
      'no network with name "gone"',
    ],
    [
      'a uuid that is none',
      () => ({ subnet: '10.0.0.0/24', opt: { 'neutron.net.uuid': '../x' } }),
      'neutron.net.uuid="../x": expected a UUID',
    ],
    [
      'an option that is none',
      () => ({ subnet: '10.0.0.0/24', opt: { 'neutron.net.id': 'x' } }),
      'unknown option "neutron.net.id"',
    ],
    [
      'a boolean that is none',
      () => ({ subnet: '10.0.0.0/24', opt: { 'neutron.net.shared': 'maybe' } }),
      'neutron.net.shared="maybe": expected true or false',
    ],
    ['host bits', () => ({ subnet: '10.0.0.5/24' }), 'expected a network address like 10.0.0.0/24'],
    ['a /31', () => ({ subnet: '10.0.0.0/31' }), '--subnet 10.0.0.0/31: expected a prefix length from 8 to 30'],
    ['a /0', () => ({ subnet: '0.0.0.0/0' }), 'expected a prefix length from 8 to 30'],
    ['an IPv6 /127', () => ({ subnet: ['10.0.0.0/24', 'fd00::/127'], ipv6: true }), 'from 32 to 126'],
    ['loopback', () => ({ subnet: '127.0.0.0/24' }), '127.0.0.0/24 lies in 127.0.0.0/8'],
    ['multicast', () => ({ subnet: '239.0.0.0/24' }), '224.0.0.0/3'],
    ['link-local IPv6', () => ({ subnet: ['10.0.0.0/24', 'fe80::/64'], ipv6: true }), 'fe80::/10'],
    [
      'a range outside',
      () => ({ subnet: '10.0.0.0/24', ipRange: '10.1.0.0/25' }),
      '--ip-range 10.1.0.0/25 does not lie in --subnet 10.0.0.0/24',
    ],
    [
      'a gateway outside',
      () => ({ subnet: '10.0.0.0/24', gateway: '10.1.0.1' }),
      'address 10.1.0.1 is not one that a host in 10.0.0.0/24',
    ],
    ['the broadcast address as gateway', () => ({ subnet: '10.0.0.0/24', gateway: '10.0.0.255' }), '10.0.0.255'],
    [
      'an auxiliary address that is the gateway',
      () => ({ subnet: '10.0.0.0/24', aux: { x: '10.0.0.1' } }),
      '--aux-address 10.0.0.1 is the gateway',
    ],
    [
      'another gateway than the subnet’s',
      () => ({ subnet: '10.0.0.0/24', gateway: '10.0.0.1', opt: { 'neutron.net.name': 'blue' } }),
      /--gateway 10.0.0.1 was given, but subnet \S+ \(10.0.0.0\/24\) has gateway 10.0.0.254/,
    ],
    [
      'a part of an existing subnet',
      () => ({ subnet: '10.0.0.0/25', opt: { 'neutron.net.name': 'blue' } }),
      '10.0.0.0/25',
    ],
    [
      'a CIDR that is not the subnet’s',
      ({ subnet }) => ({ subnet: '10.1.0.0/24', ipamOpt: { 'neutron.subnet.uuid': subnet.id } }),
      'has CIDR 10.0.0.0/24, but 10.1.0.0/24 was asked for',
    ],
    [
      'a CIDR outside the pool',
      () => ({ subnet: '10.1.0.0/24', ipamOpt: { 'neutron.pool.name': 'campus' } }),
      '10.1.0.0/24 does not lie in subnet pool campus',
    ],
  ]
  it.each(cases)('%s: refused with the value, nothing is changed', async (_, flags, text) => {
    const operated = await operate(scene.neutron)
    await scene.remember()
    const { message, status } = await refusal(scene.node1.docker.createNetwork(flags(operated)))
    expect(message).toMatch(text)
    expect([400, 409]).toContain(status)
    expect(scene.node1.docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('an ambiguous name is refused with the ids to choose from', async () => {
    const two = [
      await scene.neutron.networks.create({ name: 'twin' }),
      await scene.neutron.networks.create({ name: 'twin' }),
    ]
    for (const side of ['opt', 'ipamOpt']) {
      const flags = { subnet: '10.0.0.0/24', [side]: { 'neutron.net.name': 'twin' } }
      const { message } = await refusal(scene.node1.docker.createNetwork(flags))
      for (const { id } of two) expect(message).toContain(id)
    }
  })

  it('a subnet that lies in another network than the named one is refused with both ids', async () => {
    const { subnet } = await operate(scene.neutron)
    const other = await scene.neutron.networks.create({ name: 'red' })
    const options = { 'neutron.subnet.uuid': subnet.id, 'neutron.net.name': 'red' }
    for (const side of ['opt', 'ipamOpt']) {
      const { message } = await refusal(scene.node1.docker.createNetwork({ subnet: subnet.cidr, [side]: options }))
      expect(message).toContain(subnet.network_id)
      expect(message).toContain(other.id)
    }
  })

  it('a named pool that has no prefix left is refused by its name, and works again after a release', async () => {
    const prefixes = ['10.80.0.0/23']
    await scene.neutron.subnetpools.create({ name: 'tiny', prefixes, default_prefixlen: 24 })
    await scene.remember()
    const { docker } = scene.node1
    const ipamOpt = { 'neutron.pool.name': 'tiny' }
    const two = [await docker.createNetwork({ ipamOpt }), await docker.createNetwork({ ipamOpt })]
    const { message } = await refusal(docker.createNetwork({ ipamOpt }))
    expect(message).toContain('subnet pool tiny (10.80.0.0/23) has no free /24 left')
    for (const network of two) await docker.removeNetwork(network)
    await docker.removeNetwork(await docker.createNetwork({ ipamOpt }))
    await scene.expectNothingLeft()
  })
})
