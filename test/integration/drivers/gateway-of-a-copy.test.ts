import { describe, expect, it } from 'vitest'
import { nth, plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { addPort } from './operator.ts'
import { Scene } from './scene.ts'

describe.skipIf(!isRoot)('a host lets go of its copy of a network, gateway included (needs root, bridge, veth)', () => {
  const scene = new Scene()

  /** A network of both hosts in the operator's subnet, whose address .1 a container on node 1 has. */
  async function gatewayIsContainer(gateway_ip: string | null) {
    const { id } = await scene.neutron.networks.create({ name: 'flat' })
    const subnet = await scene.neutron.subnets.create({ network_id: id, cidr: '10.1.0.0/24', gateway_ip })
    if (gateway_ip !== null) await addPort(scene.neutron, subnet, gateway_ip)
    await scene.remember()
    const network = await scene.node1.docker.createNetwork({ subnet: subnet.cidr, opt: { 'neutron.net.name': 'flat' } })
    const container = await scene.node1.docker.run(network, { ip: '10.1.0.1' })
    expect(plainAddress(container)).toBe('10.1.0.1')
    const release = { PoolID: nth(network.pools, 0).poolId, Address: '10.1.0.1' }
    return { network, container, release, ids: { NetworkID: network.id, EndpointID: container.id } }
  }

  it.each([null, '10.1.0.1'])(
    'the container elsewhere that has its address keeps it (gateway_ip %s)',
    async gateway => {
      const { network, container, release } = await gatewayIsContainer(gateway)
      const [before] = await scene.neutron.ports.list({ device_id: container.id })
      await scene.node2.call('IpamDriver.ReleaseAddress', release)
      expect(await scene.neutron.ports.list({ device_id: container.id })).toEqual([before])
      await scene.node1.docker.stop(container)
      await scene.node1.docker.removeNetwork(network)
      expect(scene.node1.docker.ignored).toEqual([])
      await scene.expectNothingLeft()
    },
  )

  it('but goes where that container is disconnected by force from another host', async () => {
    const { network, container, release, ids } = await gatewayIsContainer(null)
    await scene.node2.call('NetworkDriver.DeleteEndpoint', ids)
    await scene.node2.call('IpamDriver.ReleaseAddress', release)
    expect(await scene.neutron.ports.list({ device_id: container.id })).toEqual([])
    await scene.node1.docker.stop(container)
    await scene.node1.docker.removeNetwork(network)
    await scene.expectNothingLeft()
  })
})
