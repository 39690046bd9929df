import { describe, expect, it } from 'vitest'
import { failedBecause } from '../../src/host-network/host-network-error.ts'
import { containerInterfaceName } from '../../src/host-network/names.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { openIpvlanBinding } from '../../src/port-binding/ipvlan/binding.ts'
import { openMacvlanBinding } from '../../src/port-binding/macvlan/binding.ts'
import type { NestedParts } from '../../src/port-binding/nested-binding.ts'
import type { PortBinding } from '../../src/port-binding/port-binding.ts'
import { BareHost } from '../integration/port-binding/bare-host.ts'
import { silentLog, sqliteStore } from './neutron-stores.ts'
import { type BindingUnderTest, portBindingContract } from './port-binding.contract.ts'

/** A host that is a VM: Neutron has a port with the MAC of its eth0. */
async function startVm(open: (parts: NestedParts) => PortBinding) {
  const host = await BareHost.start('a VM')
  const place = await sqliteStore()
  const neutron = openNeutronService({ store: place.store, host: 'node1', log: silentLog, defaultMtu: 1400 })
  const network = await neutron.networks.create({ name: 'of the VM' })
  const subnet = await neutron.subnets.create({ network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' })
  const eth0 = (await host.linkOps.listLinks(undefined)).find(({ name }) => name === 'eth0')
  const vm = await neutron.ports.create({ network_id: network.id, mac_address: eth0?.mac ?? '' })
  const underTest: BindingUnderTest = {
    linkOps: host.linkOps,
    network,
    open: () => open({ linkOps: host.linkOps, neutron, parent: 'eth0' }),
    look: async port => {
      const links = await host.linkOps.listLinks(undefined)
      const ours = links.filter(({ name }) => name === containerInterfaceName(port.id))
      return ours.map(({ name, index, mtu, mac, kind }) => `${name} ${index} ${mtu} ${mac} ${kind ?? ''}`)
    },
    moveToSandbox: link => host.moveToSandbox(link),
    endSandbox: () => host.endSandbox(),
    async [Symbol.asyncDispose]() {
      await neutron.close()
      await place.remove()
      await host[Symbol.asyncDispose]()
    },
  }
  return { ...underTest, host, neutron, network, subnet, vm }
}

const nested = { vif: { 'binding:vif_type': 'unbound', 'binding:vif_details': {} }, wired: false, listsPlugs: true }
portBindingContract('macvlan', { ...nested, hasHostEnd: false }, () => startVm(openMacvlanBinding))

describe('containers inside a VM by macvlan', () => {
  it('the VM’s port is allowed the addresses of all that are bound at once, and of none after', async () => {
    await using vm = await startVm(openMacvlanBinding)
    const { neutron, network, subnet } = vm
    const theirs = { ip_address: '10.0.0.200', mac_address: 'fa:16:3e:99:99:99' }
    await neutron.ports.update(vm.vm.id, { allowed_address_pairs: [theirs] })
    const ports = await Promise.all(
      Array.from({ length: 8 }, () =>
        neutron.ports.create({ network_id: network.id, fixed_ips: [{ subnet_id: subnet.id }] }),
      ),
    )
    // Each as a daemon of its own: nothing in memory keeps them apart.
    const each = ports.map(port => ({ port, binding: vm.open() }))
    await Promise.all(each.map(({ port, binding }) => binding.bind({ port, network, endpointId: 'endpoint' }, {})))
    const pairs = ports.map(({ fixed_ips: [ip], mac_address }) => ({ ip_address: ip?.ip_address ?? '', mac_address }))
    const now = (await neutron.ports.show(vm.vm.id)).allowed_address_pairs
    expect(new Set(now.map(pair => JSON.stringify(pair)))).toEqual(
      new Set([theirs, ...pairs].map(pair => JSON.stringify(pair))),
    )
    await Promise.all(each.map(({ port, binding }) => binding.unbind({ portId: port.id }, {})))
    expect((await neutron.ports.show(vm.vm.id)).allowed_address_pairs).toEqual([theirs])
  })

  it('two containers reach one another', async () => {
    await using vm = await startVm(openMacvlanBinding)
    const { neutron, network, host } = vm
    const binding = vm.open()
    for (const sandbox of ['one', 'two']) {
      const port = await neutron.ports.create({ network_id: network.id })
      const { containerInterface } = await binding.bind({ port, network, endpointId: sandbox }, {})
      const address = `${port.fixed_ips[0]?.ip_address ?? ''}/24`
      const script =
        'ip netns add "$1"; ip link set dev "$2" netns "$1"; ip -n "$1" link set dev "$2" name eth0 up; ip -n "$1" addr add "$3" dev eth0; ip -n "$1" -4 -br addr show eth0'
      await host.namespaces.output(['sh', '-ec', script, 'sh', sandbox, containerInterface, address])
    }
    const shown = await host.namespaces.output(['ip', '-n', 'two', '-j', 'addr', 'show', 'dev', 'eth0'])
    const to = /10\.0\.0\.\d+/.exec(shown)?.[0] ?? ''
    const ping = ['ip', 'netns', 'exec', 'one', 'ping', '-q', '-c', '1', '-w', '5', to] as const
    expect((await host.namespaces.run(ping)).exitCode).toBe(0)
  })

  it('refuses a port of another network than the VM’s, and a host that is no VM, and says what to do', async () => {
    await using vm = await startVm(openMacvlanBinding)
    const { neutron, host } = vm
    const network = await neutron.networks.create({ name: 'other' })
    const port = await neutron.ports.create({ network_id: network.id })
    const bind = (binding: PortBinding) => binding.bind({ port, network, endpointId: 'endpoint' }, {})
    await expect(bind(vm.open())).rejects.toThrow(`create the Docker network with -o neutron.net.uuid=${vm.network.id}`)
    const parts = { linkOps: host.linkOps, neutron }
    await expect(bind(openMacvlanBinding({ ...parts, parent: 'eth9' }))).rejects.toThrow('set [binding] link_iface')
    await neutron.ports.delete(vm.vm.id)
    await expect(bind(openMacvlanBinding({ ...parts, parent: 'eth0' }))).rejects.toThrow('Neutron has no port with MAC')
  })
})

describe('containers inside a VM by ipvlan', () => {
  it('get a link, where the kernel has ipvlan, and the VM’s port their address with its own MAC; else nothing is left', async context => {
    await using vm = await startVm(openIpvlanBinding)
    const { neutron, network } = vm
    const port = await neutron.ports.create({ network_id: network.id })
    const binding = vm.open()
    try {
      expect(await binding.bind({ port, network, endpointId: 'endpoint' }, {})).toMatchObject({ keepsOwnMac: true })
    } catch (error) {
      if (!failedBecause(error, 'unsupported')) throw error
      expect(await vm.look(port)).toEqual([])
      expect((await neutron.ports.show(vm.vm.id)).allowed_address_pairs).toEqual([])
      context.skip('the kernel has no ipvlan')
    }
    const pair = { ip_address: port.fixed_ips[0]?.ip_address, mac_address: vm.vm.mac_address }
    expect((await neutron.ports.show(vm.vm.id)).allowed_address_pairs).toEqual([pair])
    await binding.unbind({ portId: port.id }, {})
    expect((await neutron.ports.show(vm.vm.id)).allowed_address_pairs).toEqual([])
  })
})
