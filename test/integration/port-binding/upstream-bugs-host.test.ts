import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Link } from '../../../src/host-network/link-ops.ts'
import { containerInterfaceName, hostInterfaceName } from '../../../src/host-network/names.ts'
import type { Network } from '../../../src/neutron/resources.ts'
import { openPortBindings, type PortBindings } from '../../../src/port-binding/open-port-bindings.ts'
import type { BindRequest } from '../../../src/port-binding/port-binding.ts'
import { OpenVSwitch } from '../../lab/openstack/open-vswitch.ts'
import { nth } from '../drivers/docker.ts'
import { makeNetwork, makePort } from '../fabric/resources.ts'
import { BareHost } from './bare-host.ts'

/** Ways to plug a port, as Neutron names them. */
const WAYS: [string, string, Record<string, unknown>][] = [
  ['bridge', 'bridge', {}],
  ['ovs', 'ovs', {}],
  ['ovs, hybrid plug', 'ovs', { ovs_hybrid_plug: true }],
  ['tap', 'tap', {}],
]

/** Each by its name in the list of Python Kuryr's bugs; each fails on what upstream does. */
describe('bugs of upstream on the host, with a real kernel and Open vSwitch', () => {
  let host: BareHost
  let openVSwitch: OpenVSwitch
  let network: Network
  let bindings: PortBindings
  const bound: BindRequest[] = []

  beforeAll(async () => {
    host = await BareHost.start('bugs of upstream')
    const directory = `${host.directory}/ovs`
    openVSwitch = new OpenVSwitch({ hostName: 'node1', directory, namespaces: host.namespaces })
    await openVSwitch.start()
    await openVSwitch.vsctl('add-br', 'br-int', '--', 'set', 'bridge', 'br-int', 'datapath_type=netdev')
    network = makeNetwork(77, 9000)
    bindings = open()
  })
  afterEach(async () => {
    for (const { port } of bound.splice(0)) await bindings.unbind({ portId: port.id, networkId: network.id }, {})
    expect(await links(/^(tap|t_c|qv)/)).toEqual([])
    expect(await openVSwitch.vsctl('list-ports', 'br-int')).toBe('')
  })
  afterAll(async () => {
    await bindings.close()
    await openVSwitch.stop()
    await host[Symbol.asyncDispose]()
  })

  function open(): PortBindings {
    const neutron = { ports: { show: () => Promise.reject(new Error('nobody asks whether a port is ACTIVE')) } }
    return openPortBindings({ linkOps: host.linkOps, ovsdb: { address: openVSwitch.address }, neutron })
  }

  function request(vifType: string, details: Record<string, unknown>): BindRequest {
    const port = makePort(network, 'node1', { mac: 'fa:16:3e:00:00:01', addresses: ['10.0.0.1'] })
    const vif = { 'binding:vif_type': vifType, 'binding:vif_details': details }
    const one = { port: { ...port, ...vif }, network, endpointId: 'endpoint' }
    bound.push(one)
    return one
  }

  async function links(names: RegExp): Promise<Link[]> {
    return (await host.linkOps.listLinks(undefined)).filter(({ name }) => names.test(name))
  }

  const show = (...what: string[]): Promise<string> => host.namespaces.output(['ip', ...what])

  it.each(WAYS)('D13: a jumbo MTU is on both ends of the veth, and on all between (%s)', async (_, type, details) => {
    const one = request(type, details)
    const { port } = one
    await bindings.bind(one, {})
    const made = await links(new RegExp(`${port.id.slice(0, 11)}$`))
    expect(made.map(({ name }) => name)).toEqual(
      expect.arrayContaining([hostInterfaceName(port.id), containerInterfaceName(port.id)]),
    )
    expect(made.map(({ mtu }) => mtu)).toEqual(made.map(() => 9000))
  })

  it.each(WAYS)(
    'R5: until Docker takes it the container’s end is down, without address, and unknown to the host’s routes (%s)',
    async (_, type, details) => {
      const one = request(type, details)
      const { port } = one
      const { containerInterface } = await bindings.bind(one, {})
      expect(await links(new RegExp(`^${containerInterface}$`))).toMatchObject([{ up: false }])
      for (const device of [containerInterface, hostInterfaceName(port.id)]) {
        expect(await show('address', 'show', 'dev', device)).not.toContain('inet')
      }
      expect(await show('route', 'show', 'table', 'all')).not.toContain('10.0.0.')
      expect(await show('-6', 'route', 'show', 'table', 'all')).not.toContain(containerInterface)
    },
  )

  it('L3: a port for which there is no bridge, or no ovs-vswitchd, fails the start, and leaves nothing', async () => {
    const missing = request('ovs', { bridge_name: 'br-none' })
    await expect(bindings.bind(missing, {})).rejects.toThrow('Open vSwitch has no bridge br-none')
    await openVSwitch.stopDaemon()
    const untaken = request('ovs', {})
    await expect(bindings.bind(untaken, {})).rejects.toThrow('check that ovs-vswitchd runs')
    await openVSwitch.startDaemon()
  })

  it.each(WAYS.filter(([, type]) => type === 'ovs'))(
    'L4: a port that Open vSwitch no longer has is unplugged all the same, also after a restart (%s)',
    async (_, type, details) => {
      for (const restarted of [false, true]) {
        const one = request(type, details)
        const { port } = one
        await bindings.bind(one, {})
        await openVSwitch.vsctl('del-port', (await openVSwitch.vsctl('list-ports', 'br-int')).trim())
        const by = restarted ? open() : bindings
        await by.unbind({ portId: port.id, networkId: network.id }, {})
        if (restarted) await by.close()
        expect(await links(new RegExp(`${port.id.slice(0, 11)}$`))).toEqual([])
      }
    },
  )

  it.each(WAYS)('D16: a veth that is gone already is no error for who removes it (%s)', async (_, type, details) => {
    const one = request(type, details)
    const { port } = one
    await bindings.bind(one, {})
    await host.linkOps.deleteLinks(undefined, [hostInterfaceName(port.id)])
    await bindings.unbind({ portId: port.id, networkId: network.id }, {})
    await bindings.unbind({ portId: port.id, networkId: network.id }, {})
  })

  it('R7: thirty ports plugged and unplugged at once, in all ways, do not disturb one another', async () => {
    const all = Array.from({ length: 30 }, (_, number) => {
      const [, type, details] = nth(WAYS, number % WAYS.length)
      return request(type, details)
    })
    const ends = await Promise.all(all.map(one => bindings.bind(one, {})))
    expect(new Set(ends.map(({ containerInterface }) => containerInterface)).size).toBe(all.length)
    const [ended, running] = [all.slice(0, 15), all.slice(15)]
    const unbind = ({ port }: BindRequest): Promise<void> =>
      bindings.unbind({ portId: port.id, networkId: network.id }, {})
    await Promise.all(ended.map(unbind))
    expect(await links(/^t_c/)).toHaveLength(running.length)
    const kept = new Set(((await bindings.plugs?.({})) ?? []).map(({ portId }) => portId))
    expect(kept).toEqual(new Set(running.map(({ port }) => port.id)))
    await Promise.all(running.map(unbind))
  })
})
