import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Port } from '../../src/neutron/resources.ts'
import { endpointOf, pings, startContainer } from '../e2e/containers.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { type Cloud, startCloud } from '../lab/openstack/cloud.ts'
import { makeNetwork, makePort } from './hand-made-port.ts'

/** The lab's hosts stand for VMs: the wire between them is the network that their hypervisors would give them. */
describe('containers inside VMs by macvlan, on OpenStack', () => {
  let lab: Lab
  let cloud: Cloud
  let vms: Port[]
  beforeAll(async () => {
    lab = await startLab({ name: 'nested', kuryr: false })
    cloud = await startCloud(lab, { agents: 'none' })
    const network = await makeNetwork(cloud, '10.11.0.0/24')
    vms = []
    for (const host of lab.hosts) {
      const [link] = JSON.parse(await host.run('ip', '-j', 'link', 'show', 'dev', 'eth0')) as [{ address: string }]
      vms.push(await makePort(cloud, network, undefined, { mac_address: link.address, device_owner: 'compute:nova' }))
      const binding = { default_driver: 'macvlan', link_iface: 'eth0' }
      const DEFAULT = { default_port_driver: 'nested' }
      await host.kuryr.configure({ DEFAULT, binding, neutron: cloud.kuryrOptions })
      await host.kuryr.start()
    }
    const subnet = ['--subnet', '10.11.0.0/24', '--gateway', '10.11.0.1', '-o', `neutron.net.uuid=${network.id}`]
    const drivers = ['--driver', 'kuryr', '--ipam-driver', 'kuryr']
    await lab.host(1).docker('network', 'create', ...drivers, ...subnet, 'nested')
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it('reach one another on two VMs, whose ports are allowed their addresses', async () => {
    await startContainer(lab.host(1), 'one', '--net', 'nested')
    await startContainer(lab.host(2), 'two', '--net', 'nested')
    for (const [index, name] of ['one', 'two'].entries()) {
      const { IPAddress, MacAddress } = await endpointOf(lab.host(index + 1), name, 'nested')
      const { allowed_address_pairs } = await cloud.port(vms[index]?.id ?? '')
      expect(allowed_address_pairs).toEqual([{ ip_address: IPAddress, mac_address: MacAddress }])
    }
    const { IPAddress } = await endpointOf(lab.host(2), 'two', 'nested')
    expect(await pings(lab.host(1), 'one', IPAddress)).toBe(true)
  })

  it('leave neither an allowed address nor a port nor a link', async () => {
    // After a restart: nothing is remembered.
    await lab.host(1).kuryr.restart()
    await lab.host(1).docker('rm', '--force', 'one')
    await lab.host(2).docker('rm', '--force', 'two')
    await lab.host(2).docker('network', 'rm', 'nested')
    for (const { id } of vms) expect((await cloud.port(id)).allowed_address_pairs).toEqual([])
    const ports = (await cloud.list('ports')) as Port[]
    expect(ports.map(({ id }) => id).sort()).toEqual(vms.map(({ id }) => id).sort())
    for (const host of lab.hosts) expect(await host.run('ip', '-brief', 'link', 'show')).not.toContain('t_c')
  })
})
