import { describe, expect, it } from 'vitest'
import { plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { operate } from './operator.ts'
import { refusal } from './refusals.ts'
import { Scene } from './scene.ts'

const INTERFACE_NAME = 'com.docker.network.endpoint.ifname'

describe.skipIf(!isRoot)('what Docker 28 and newer ask beside (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it('a subnet without a gateway leaves its Docker network without one, and its first address to containers', async () => {
    const { network } = await operate(scene.neutron)
    const bare = { network_id: network.id, cidr: '10.1.0.0/24', gateway_ip: null }
    const subnet = await scene.neutron.subnets.create({ ...bare, name: 'bare' })
    await scene.remember()
    const { docker } = scene.node1
    for (const named of [{ 'neutron.subnet.name': 'bare' }, { 'neutron.subnet.uuid': subnet.id }]) {
      const made = await docker.createNetwork({ subnet: subnet.cidr, opt: named, gwAllocCheck: true })
      expect(made.pools).toMatchObject([{ gateway: '' }])
      const container = await docker.run(made, { ip: '10.1.0.1' })
      expect(plainAddress(container)).toBe('10.1.0.1')
      expect(container.joined.Gateway).toBeUndefined()
      await docker.stop(container)
      await docker.removeNetwork(made)
      expect(docker.ignored).toEqual([])
      await scene.expectNothingLeft()
    }
  })

  it('a network has a gateway unless all of its subnets of that family are without', async () => {
    const { network } = await operate(scene.neutron)
    for (const [cidr, gateway_ip] of [
      ['fd00:1::/64', null],
      ['fd00:2::/64', null],
      ['10.1.0.0/24', null],
    ] as const) {
      await scene.neutron.subnets.create({ network_id: network.id, cidr, gateway_ip })
    }
    const check = (generic: object): Promise<unknown> =>
      scene.node1.call('NetworkDriver.GwAllocCheck', { Options: { 'com.docker.network.generic': generic } })
    expect(await check({ 'neutron.net.name': 'blue' })).toEqual({ SkipIPv4: false, SkipIPv6: true })
    expect(await check({ 'neutron.net.uuid': network.id })).toEqual({ SkipIPv4: false, SkipIPv6: true })
    expect(await check({})).toEqual({ SkipIPv4: false, SkipIPv6: false })
    expect((await refusal(check({ 'neutron.subnet.name': 'none-such' }))).message).toContain(
      'no subnet with name "none-such"',
    )
  })

  it('a subnet that is made in a network whose subnets have no gateway has none either', async () => {
    const network = await scene.neutron.networks.create({ name: 'flat' })
    await scene.neutron.subnets.create({ network_id: network.id, cidr: '10.1.0.0/24', gateway_ip: null })
    await scene.remember()
    const { docker } = scene.node1
    const opt = { 'neutron.net.name': 'flat' }
    const made = await docker.createNetwork({ subnet: '10.2.0.0/24', opt, gwAllocCheck: true })
    expect(await scene.neutron.subnets.list({ cidr: '10.2.0.0/24' })).toMatchObject([{ gateway_ip: null }])
    await docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('a gateway that the user gives is kept, also where Docker may do without', async () => {
    const { docker } = scene.node1
    const made = await docker.createNetwork({ subnet: '10.2.0.0/24', gateway: '10.2.0.9', gwAllocCheck: true })
    const container = await docker.run(made)
    expect(container.joined.Gateway).toBe('10.2.0.9')
    await docker.stop(container)
    await docker.removeNetwork(made)
    await scene.expectNothingLeft()
  })

  it('the name that the user wants for the interface is answered in Join', async () => {
    const { docker } = scene.node1
    const network = await docker.createNetwork({ subnet: '10.1.0.0/24' })
    const named = await docker.run(network, { driverOpt: { [INTERFACE_NAME]: 'lan0.7' } })
    expect(named.joined.InterfaceName).toMatchObject({ DstPrefix: 'eth', DstName: 'lan0.7' })
    const other = await docker.run(network, { driverOpt: { [INTERFACE_NAME]: '' } })
    expect(other.joined.InterfaceName.DstName).toBeUndefined()
    for (const container of [named, other]) await docker.stop(container)
    await docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })

  it.each(['sixteen-letters-', 'a/b', 'eth%d', 'a b', '..', 'a:1', 7, 'lan\u0000'])(
    'a name that Linux does not take, %j, is refused, and nothing is left of the start',
    async name => {
      const { docker } = scene.node1
      const network = await docker.createNetwork({ subnet: '10.1.0.0/24' })
      const { message, status } = await refusal(docker.run(network, { driverOpt: { [INTERFACE_NAME]: name } }))
      expect(message).toContain('expected an interface name of 1 to 15 bytes')
      expect(status).toBe(400)
      await docker.removeNetwork(network)
      await scene.expectNothingLeft()
    },
  )
})
