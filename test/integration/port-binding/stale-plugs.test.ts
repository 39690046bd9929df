import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import type { NeutronService } from '../../../src/neutron-service/neutron-service.ts'
import { openPortBindings, type PortBindings } from '../../../src/port-binding/open-port-bindings.ts'
import { removeStalePlugs } from '../../../src/port-binding/remove-stale-plugs.ts'
import { silentLog, sqliteStore, type TestStore } from '../../contract/neutron-stores.ts'
import { OpenVSwitch } from '../../lab/openstack/open-vswitch.ts'
import { BareHost } from './bare-host.ts'

describe('what a host has of ports that Neutron no longer has', () => {
  let host: BareHost
  let openVSwitch: OpenVSwitch
  let place: TestStore
  let neutron: NeutronService
  let network: Network
  let bindings: PortBindings
  let warnings: string[]

  beforeAll(async () => {
    host = await BareHost.start('stale plugs')
    const directory = `${host.directory}/ovs`
    openVSwitch = new OpenVSwitch({ hostName: 'node1', directory, namespaces: host.namespaces })
    await openVSwitch.start()
    await openVSwitch.vsctl('add-br', 'br-int', '--', 'set', 'bridge', 'br-int', 'datapath_type=netdev')
    place = await sqliteStore()
    neutron = openNeutronService({ store: place.store, host: 'node1', log: silentLog, defaultMtu: 1400 })
    network = await neutron.networks.create({ name: 'blue' })
  })
  beforeEach(async () => {
    warnings = []
    bindings = openPortBindings({ linkOps: host.linkOps, ovsdb: { address: openVSwitch.address }, neutron })
    for (const { portId } of (await bindings.plugs?.({})) ?? []) await bindings.unbind({ portId }, {})
  })
  afterAll(async () => {
    await bindings.close()
    await neutron.close()
    await place.remove()
    await openVSwitch.stop()
    await host[Symbol.asyncDispose]()
  })

  async function plugged(vifType: 'bridge' | 'ovs', where = 'node1'): Promise<{ port: Port; link: string }> {
    const port = await neutron.ports.create({ network_id: network.id, 'binding:host_id': where })
    const asBound = { ...port, 'binding:vif_type': vifType, 'binding:vif_details': {} }
    const { containerInterface } = await bindings.bind({ port: asBound, network, endpointId: 'endpoint' }, {})
    return { port, link: containerInterface }
  }

  function restart(): Promise<string[]> {
    const log = { info: () => undefined, warn: (_about: object, text: string) => warnings.push(text) }
    const linkOps = host.linkOps
    const restarted = openPortBindings({ linkOps, ovsdb: { address: openVSwitch.address }, neutron })
    return removeStalePlugs({ binding: restarted, neutron, host: 'node1', log }, {}).finally(() => restarted.close())
  }

  async function left(): Promise<string[]> {
    return ((await bindings.plugs?.({})) ?? []).map(({ portId }) => portId)
  }

  it.each(['bridge', 'ovs'] as const)('goes at the next start, and of other ports nothing does (%s)', async vifType => {
    const [kept, lost] = [await plugged(vifType), await plugged(vifType)]
    await neutron.ports.delete(lost.port.id)
    expect(await restart()).toEqual([lost.port.id])
    expect(await left()).toEqual([kept.port.id])
    expect(await restart()).toEqual([])
  })

  it('goes when the port is bound to another host by now', async () => {
    const moved = await plugged('ovs', 'node2')
    expect(await restart()).toEqual([moved.port.id])
    expect(await openVSwitch.vsctl('list-ports', 'br-int')).toBe('')
  })

  it('goes from Open vSwitch’s database after the host, and with it all links, went down', async () => {
    const gone = await plugged('ovs')
    await host.linkOps.deleteLinks(undefined, [`tap${gone.port.id.slice(0, 11)}`])
    await neutron.ports.delete(gone.port.id)
    expect(await restart()).toEqual([gone.port.id])
    expect(await openVSwitch.vsctl('list-ports', 'br-int')).toBe('')
  })

  it('leaves what others put into Open vSwitch', async () => {
    const ids = 'external_ids:iface-id=11111111-2222-3333-4444-555555555555'
    const add = ['--may-exist', 'add-port', 'br-int', 'tap11111111-22', '--', 'set', 'Interface', 'tap11111111-22']
    await openVSwitch.vsctl(...add, 'type=internal', ids)
    expect(await restart()).toEqual([])
    expect(await openVSwitch.vsctl('list-ports', 'br-int')).toBe('tap11111111-22\n')
    await openVSwitch.vsctl('del-port', 'tap11111111-22')
  })

  it('stays, with a warning, where containers use all of it and Neutron knows none: it may be the wrong Neutron', async () => {
    const [used, unused] = [await plugged('bridge'), await plugged('bridge')]
    await host.moveToSandbox(used.link)
    for (const { port } of [used, unused]) await neutron.ports.delete(port.id)
    expect(await restart()).toEqual([unused.port.id])
    expect(warnings).toHaveLength(1)
    expect(await left()).toEqual([used.port.id])
    const known = await plugged('bridge')
    expect(await restart()).toEqual([used.port.id])
    expect(await left()).toEqual([known.port.id])
    await host.endSandbox()
  })
})
