import { beforeEach, describe, expect, it } from 'vitest'
import type { Subnet } from '../../../src/neutron/resources.ts'
import type { NetworkRecord } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { addPort } from './operator.ts'
import { refusal } from './refusals.ts'
import { Scene } from './scene.ts'

const uuid = '11111111-2222-4333-8444-555555555555'

describe.skipIf(!isRoot)('options with the embedded Neutron (needs root, bridge, veth)', () => {
  const scene = new Scene()

  it.each([
    [{ 'kuryr.security_groups': 'web' }, 'option kuryr.security_groups needs an OpenStack Neutron'],
    [{ 'kuryr.publish': 'floating-ip' }, 'option kuryr.publish needs an OpenStack Neutron'],
  ])('%j of a network is refused, and leaves nothing', async (options, message) => {
    const { docker } = scene.node1
    for (const side of ['opt', 'ipamOpt']) {
      const error = await refusal(docker.createNetwork({ subnet: '10.1.0.0/24', [side]: options }))
      expect(error.message).toContain(message)
      await scene.expectNothingLeft()
    }
  })

  describe('of an endpoint', () => {
    let network: NetworkRecord
    let subnet: Subnet
    beforeEach(async () => {
      network = await scene.node1.docker.createNetwork({ subnet: ['10.1.0.0/24', 'fd00:1::/64'], ipv6: true })
      ;[subnet] = (await scene.neutron.subnets.list({ ip_version: 4 })) as [Subnet]
      await scene.remember()
    })

    it('kuryr.port.name names the port, which ends with its container on whatever it knows', async () => {
      const endpoint = await scene.node1.docker.run(network, { driverOpt: { 'kuryr.port.name': 'web-1' } })
      expect(await scene.neutron.ports.list()).toMatchObject([{ name: 'web-1', device_id: endpoint.id }])
      await scene.node1.restart()
      await scene.node1.docker.stop(endpoint)
      expect(scene.node1.docker.ignored).toEqual([])
      await scene.expectNothingLeft()
    })

    it.each([
      [{ 'kuryr.port.security_groups': 'web' }, 'option kuryr.port.security_groups needs an OpenStack Neutron'],
      [{ 'kuryr.port.qos_policy': 'slow' }, 'option kuryr.port.qos_policy needs an OpenStack Neutron'],
      [{ 'kuryr.port.id': uuid }, 'there is no such port'],
      [{ 'kuryr.port.name': 'x'.repeat(256) }, 'expected a name of 1 to 255 characters'],
    ])('%j is refused, and leaves nothing', async (driverOpt: Record<string, string>, message) => {
      const error = await refusal(scene.node1.docker.run(network, { driverOpt }))
      expect(error.message).toContain(message)
      await scene.expectNothingLeft()
    })

    it('kuryr.port.id takes the port that has the --ip, and is refused with the --ip to give without', async () => {
      const { node1, neutron } = scene
      const [v6] = (await neutron.subnets.list({ ip_version: 6 })) as [Subnet]
      const fixed_ips = [
        { subnet_id: subnet.id, ip_address: '10.1.0.9' },
        { subnet_id: v6.id, ip_address: 'fd00:1::9' },
      ]
      const port = await neutron.ports.create({ network_id: subnet.network_id, name: 'reserved', fixed_ips })
      await scene.remember()
      const driverOpt = { 'kuryr.port.id': port.id }
      const { message } = await refusal(node1.docker.run(network, { driverOpt }))
      expect(message).toContain("give the port's address too, --ip 10.1.0.9")
      await scene.expectNothingLeft()
      const endpoint = await node1.docker.run(network, { driverOpt, ip: '10.1.0.9' })
      expect(await neutron.ports.show(port.id)).toMatchObject({ device_id: endpoint.id, name: 'reserved', fixed_ips })
      await node1.docker.stop(endpoint)
      await scene.expectNothingLeft()
    })

    it('kuryr.port.name of a port that the operator made is refused: it is given back as it was', async () => {
      const one = await scene.node1.docker.createNetwork({ subnet: '10.2.0.0/24' })
      const [flat] = (await scene.neutron.subnets.list({ cidr: '10.2.0.0/24' })) as [Subnet]
      const port = await addPort(scene.neutron, flat, '10.2.0.9', { name: 'reserved' })
      await scene.remember()
      const wish = { ip: '10.2.0.9', driverOpt: { 'kuryr.port.name': 'mine' } }
      const { message } = await refusal(scene.node1.docker.run(one, wish))
      expect(message).toContain(`option kuryr.port.name cannot be used with port ${port.id}`)
      await scene.expectNothingLeft()
    })
  })
})
