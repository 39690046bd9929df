import { BindingByVifType } from '../../../src/port-binding/binding-by-vif-type.ts'
import { FabricBinding } from '../../../src/port-binding/fabric/binding.ts'
import { containerInterfaceName } from '../../../src/host-network/names.ts'
import { makeNetwork, makePort } from './resources.ts'
import { addHost, inNamespace, pings, removeLeftOvers, runPrefix } from './two-hosts.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isRoot, addresses, view, fabrics, namespaceOf, container, ourNamespaces, detachAll, fresh } from './scene.ts'

describe.skipIf(!isRoot)('attach and detach on the real kernel (needs root, bridge, veth, vxlan)', () => {
  beforeAll(async () => {
    await removeLeftOvers()
    await addHost('a', addresses.a)
    await addHost('b', addresses.b)
  })
  afterAll(removeLeftOvers)

  afterEach(detachAll)

  it('leaves the container end down, without address, in the host namespace until it is moved', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(107))
    const port = view.putPort(makePort(network, 'a', { mac: 'fa:16:3e:00:00:02', addresses: ['10.0.0.2'] }))
    await fabrics.a.attach(port, network)
    const link = await inNamespace(`${runPrefix}a`, 'ip', 'address', 'show', 'dev', containerInterfaceName(port.id))
    expect(link).toContain('state DOWN')
    expect(link).not.toContain('inet')
  })

  it('attach twice is attach once, also when the container runs; a half-fitting veth is made anew', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(108))
    const { port, sandbox } = await container(network, 'a', 2)
    const two = await container(network, 'a', 3)
    await fabrics.a.attach(port, network)
    expect(await pings(sandbox, '10.0.0.3')).toBe(true)
    await fabrics.a.detach(two.port.id, network.id)
    const changed = { ...two.port, mac_address: 'fa:16:3e:00:00:77' }
    await fabrics.a.attach(two.port, network)
    await fabrics.a.attach(changed, network)
    const link = await inNamespace(`${runPrefix}a`, 'ip', 'link', 'show', 'dev', containerInterfaceName(changed.id))
    expect(link).toContain('fa:16:3e:00:00:77')
  })

  it('detach leaves no link, namespace or socket, and detach twice is detach once', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(109))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'a', 3)
    await fabrics.a.detach(one.port.id, network.id)
    expect(await ourNamespaces()).toEqual([namespaceOf('a', network)])
    await fabrics.a.detach(two.port.id, network.id)
    await fabrics.a.detach(two.port.id, network.id)
    expect(await ourNamespaces()).toEqual([])
    expect(fabrics.a.status().networks).toEqual([])
    expect(await inNamespace(`${runPrefix}a`, 'ip', '-br', 'link')).not.toMatch(/tap|t_c|vx|br0/)
    expect(await inNamespace(one.sandbox, 'ip', '-br', 'link')).not.toContain('eth0')
    expect(await inNamespace(`${runPrefix}a`, 'ss', '-Huln', 'sport', '=', '4789')).toBe('')
  })

  it('an attach that fails leaves nothing behind and names what is wrong', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(120))
    const broken = makePort(network, 'a', { mac: 'not a mac', addresses: ['10.0.0.2'] })
    await expect(fabrics.a.attach(broken, network)).rejects.toThrow('"not a mac"')
    await expect(fabrics.a.attach(broken, makeNetwork(0))).rejects.toThrow('segmentation_id')
    expect(await ourNamespaces()).toEqual([])
  })

  it('is plugged through the port binding, which names the link for Docker', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(122))
    const port = view.putPort(makePort(network, 'a', { mac: 'fa:16:3e:00:00:02', addresses: ['10.0.0.2'] }))
    const binding = new BindingByVifType({ fabric: new FabricBinding(fabrics.a) })
    const { containerInterface } = await binding.bind({ port, network, endpointId: 'e' }, {})
    expect(await inNamespace(`${runPrefix}a`, 'ip', '-br', 'link')).toContain(containerInterface)
    await binding.unbind({ portId: port.id, networkId: network.id }, {})
    expect(await inNamespace(`${runPrefix}a`, 'ip', '-br', 'link')).not.toContain(containerInterface)
    await expect(binding.bind({ port, network, endpointId: 'e' }, { signal: AbortSignal.abort() })).rejects.toThrow()
  })
})
