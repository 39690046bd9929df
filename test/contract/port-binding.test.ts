import { containerInterfaceName, hostInterfaceName, hybridPlugNames } from '../../src/host-network/names.ts'
import type { Link } from '../../src/host-network/link-ops.ts'
import type { Port } from '../../src/neutron/resources.ts'
import { OvsdbClient } from '../../src/ovsdb/ovsdb-client.ts'
import { BridgeBinding } from '../../src/port-binding/bridge/binding.ts'
import { FabricBinding } from '../../src/port-binding/fabric/binding.ts'
import { OvsBinding } from '../../src/port-binding/ovs/binding.ts'
import type { PortBinding } from '../../src/port-binding/port-binding.ts'
import { TapBinding } from '../../src/port-binding/tap/binding.ts'
import { openFabric } from '../../src/fabric/open-fabric.ts'
import { MemoryView } from '../integration/fabric/memory-view.ts'
import { BareHost } from '../integration/port-binding/bare-host.ts'
import { OpenVSwitch } from '../lab/openstack/open-vswitch.ts'
import { type BindingUnderTest, portBindingContract } from './port-binding.contract.ts'

const vif = (type: string, details: Record<string, unknown> = {}) => ({
  vif: { 'binding:vif_type': type, 'binding:vif_details': details },
  wired: type === 'fabric',
  hasHostEnd: true,
  listsPlugs: type !== 'fabric',
})

/** A host without switch: what is there of a port are its links. */
async function hostWith(open: (host: BareHost) => PortBinding): Promise<BindingUnderTest> {
  const host = await BareHost.start('port binding')
  return {
    linkOps: host.linkOps,
    open: () => open(host),
    look: port => linksOf(host, port),
    moveToSandbox: link => host.moveToSandbox(link),
    endSandbox: () => host.endSandbox(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

/** Ours of all namespaces of the host, by index: a link that was made anew differs. */
async function linksOf(host: BareHost, { id, network_id }: Port): Promise<string[]> {
  const { bridge, bridgeEnd, switchEnd } = hybridPlugNames(id)
  const names = [hostInterfaceName(id), containerInterfaceName(id), bridge, bridgeEnd, switchEnd]
  const inside = `${host.fabricPrefix}${network_id.slice(0, 11)}`
  const places = [undefined, ...(await host.linkOps.listNamespaces()).filter(name => name === inside)]
  const links = (await Promise.all(places.map(place => host.linkOps.listLinks(place)))).flat()
  const inWords = ({ name, index, mtu, bridge: master }: Link): string => `${name} ${index} ${mtu} ${master ?? ''}`
  return links.filter(({ name }) => names.includes(name)).map(inWords)
}

portBindingContract('bridge', vif('bridge'), () => hostWith(host => new BridgeBinding(host.linkOps)))
portBindingContract('tap', vif('tap'), () => hostWith(host => new TapBinding(host.linkOps)))
portBindingContract('fabric', vif('fabric'), async () => {
  const view = new MemoryView()
  const log = { info: () => undefined, warn: () => undefined }
  return hostWith(host => {
    const options = { linkOps: host.linkOps, view, host: 'node1', localAddress: undefined, vxlanPort: 4789, log }
    return new FabricBinding(openFabric({ ...options, namespacePrefix: host.fabricPrefix }))
  })
})

/** A host with Open vSwitch; its ports and what they say of themselves count, too. */
async function hostWithSwitch(bridge: string): Promise<BindingUnderTest> {
  const host = await BareHost.start('port binding')
  const place = { hostName: 'node1', directory: `${host.directory}/ovs`, namespaces: host.namespaces }
  const openVSwitch = new OpenVSwitch(place)
  await openVSwitch.start()
  await openVSwitch.vsctl('add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev')
  const clients: OvsdbClient[] = []
  return {
    linkOps: host.linkOps,
    open: () => {
      const client = new OvsdbClient({ address: openVSwitch.address, database: 'Open_vSwitch' })
      clients.push(client)
      return new OvsBinding(host.linkOps, client)
    },
    look: async port => {
      const columns = ['--columns=name,ofport,external_ids', '--format=csv', '--no-heading']
      const interfaces = await openVSwitch.vsctl(...columns, 'find', 'Interface', `external_ids:iface-id=${port.id}`)
      const ports = (await openVSwitch.vsctl('list-ports', bridge)).split('\n')
      const named = [hostInterfaceName(port.id), hybridPlugNames(port.id).switchEnd].filter(name =>
        ports.includes(name),
      )
      return [...(await linksOf(host, port)), ...interfaces.split('\n').filter(line => line !== ''), ...named]
    },
    moveToSandbox: link => host.moveToSandbox(link),
    endSandbox: () => host.endSandbox(),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close()
      await openVSwitch.stop()
      await host[Symbol.asyncDispose]()
    },
  }
}

portBindingContract('ovs', vif('ovs'), () => hostWithSwitch('br-int'))
portBindingContract('ovs, a bridge of another name', vif('ovs', { bridge_name: 'br-other' }), () =>
  hostWithSwitch('br-other'),
)
portBindingContract('ovs, hybrid plug', vif('ovs', { bridge_name: 'br-int', ovs_hybrid_plug: true }), () =>
  hostWithSwitch('br-int'),
)
