import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failedBecause } from '../../../src/host-network/host-network-error.ts'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../../src/openstack-neutron/open-openstack-neutron.ts'
import { allowPairs, disallowPairs } from '../../../src/port-binding/allowed-address-pairs.ts'
import { VlanBinding } from '../../../src/port-binding/vlan/binding.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { BareHost } from '../port-binding/bare-host.ts'

describe('containers inside VMs, on a real Neutron', () => {
  let place: TestOpenStack
  let neutron: OpenStackNeutron
  let host: BareHost
  let network: Network
  let vm: Port
  let trunkId: string

  beforeAll(async () => {
    place = await testOpenStack({ servicePlugins: ['trunk'], hosts: ['hypervisor'] })
    neutron = openOpenStackNeutron(cloudOf(place.openstack), pino({ level: 'silent' }))
    host = await BareHost.start('a VM on OpenStack')
    network = await neutron.networks.create({ name: 'blue' })
    await neutron.subnets.create({ network_id: network.id, ip_version: 4, cidr: '10.9.0.0/24' })
    const eth0 = (await host.linkOps.listLinks(undefined)).find(({ name }) => name === 'eth0')
    vm = await neutron.ports.create({ network_id: network.id, mac_address: eth0?.mac ?? '' })
    trunkId = await makeTrunk(vm.id)
  })
  afterAll(async () => {
    await host[Symbol.asyncDispose]()
    await neutron.close()
    await place.remove()
  })

  async function makeTrunk(port_id: string): Promise<string> {
    const domain = { id: 'default' }
    const user = { name: 'kuryr', password: 'kuryr', domain }
    const scope = { project: { name: 'service', domain } }
    const auth = { identity: { methods: ['password'], password: { user } }, scope }
    const post = (url: string, body: object, token = '') =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': token },
        body: JSON.stringify(body),
      })
    const loggedIn = await post(`${place.openstack.keystone?.url ?? ''}/auth/tokens`, { auth })
    const token = loggedIn.headers.get('x-subject-token') ?? ''
    const made = await post(`${place.openstack.neutron.url}/v2.0/trunks`, { trunk: { port_id } }, token)
    return ((await made.json()) as { trunk: { id: string } }).trunk.id
  }

  it('of address pairs that are allowed and taken back at once, none is lost', async () => {
    const pairs = [11, 12, 13, 14, 15, 16].map(n => ({ ip_address: `10.9.0.${n}`, mac_address: `fa:16:3e:00:00:${n}` }))
    await Promise.all(pairs.map(pair => allowPairs(neutron.ports, vm.id, [pair], {})))
    const allowed = async () => (await neutron.ports.show(vm.id)).allowed_address_pairs.map(pair => pair.ip_address)
    expect((await allowed()).sort()).toEqual(pairs.map(pair => pair.ip_address))
    await Promise.all(pairs.map(pair => disallowPairs(neutron.ports, vm.id, [pair], {})))
    expect(await allowed()).toEqual([])
  })

  it('tells a trunk by its parent, adds and removes subports, and refuses a VLAN id twice', async () => {
    const { trunks } = neutron
    const [one, other] = [1, 2].map(() => neutron.ports.create({ network_id: network.id })) as [
      Promise<Port>,
      Promise<Port>,
    ]
    const subPort = { port_id: (await one).id, segmentation_type: 'vlan', segmentation_id: 7 }
    await trunks.addSubPort(trunkId, subPort)
    expect(await trunks.ofParent(vm.id)).toMatchObject({ id: trunkId, sub_ports: [subPort] })
    const again = trunks.addSubPort(trunkId, { ...subPort, port_id: (await other).id })
    await expect(again).rejects.toMatchObject({ status: 409 })
    await trunks.removeSubPort(trunkId, subPort.port_id)
    await trunks.removeSubPort(trunkId, subPort.port_id)
    expect(await trunks.ofParent(vm.id)).toMatchObject({ sub_ports: [] })
    expect(await trunks.ofParent((await one).id)).toBeUndefined()
  })

  it('plugs a container’s port as a subport where the kernel has vlan; else nothing is left of it', async context => {
    const port = await neutron.ports.create({ network_id: network.id, device_id: 'endpoint' })
    const binding = new VlanBinding({ linkOps: host.linkOps, neutron, parent: 'eth0' })
    try {
      await binding.bind({ port, network, endpointId: 'endpoint' }, {})
      expect(await neutron.trunks.ofParent(vm.id)).toMatchObject({ sub_ports: [{ port_id: port.id }] })
      await binding.unbind({ portId: port.id }, {})
    } catch (error) {
      if (!failedBecause(error, 'unsupported')) throw error
      expect(await neutron.trunks.ofParent(vm.id)).toMatchObject({ sub_ports: [] })
      expect(await neutron.ports.show(port.id)).toMatchObject({ device_id: 'endpoint' })
      context.skip('the kernel has no vlan')
    }
    expect(await neutron.trunks.ofParent(vm.id)).toMatchObject({ sub_ports: [] })
  })
})
