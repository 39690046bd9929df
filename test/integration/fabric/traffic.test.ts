import { hostInterfaceName } from '../../../src/host-network/names.ts'
import { makeNetwork } from './resources.ts'
import { addHost, inNamespace, pings, removeLeftOvers, runPrefix } from './two-hosts.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  isRoot,
  addresses,
  type HostName,
  view,
  fabrics,
  linkOpsOf,
  namespaceOf,
  container,
  plugIntoSandbox,
  ourNamespaces,
  forwarding,
  detachAll,
  known,
  breakEntries,
  remotePort,
  entriesOf,
  receivedByTunnel,
  transferred,
  fresh,
} from './scene.ts'

describe.skipIf(!isRoot)('traffic between containers on the real kernel (needs root, bridge, veth, vxlan)', () => {
  beforeAll(async () => {
    await removeLeftOvers()
    await addHost('a', addresses.a)
    await addHost('b', addresses.b)
  })
  afterAll(removeLeftOvers)

  afterEach(detachAll)

  it('joins containers of two hosts over IPv4 and IPv6, with FORWARD DROP on both hosts', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(101))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    await known('a', two.port)
    await known('b', one.port)
    expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
    expect(await pings(two.sandbox, 'fd00:65::2')).toBe(true)
    expect(await inNamespace(runPrefix + 'a', 'iptables', '-S', 'FORWARD')).toContain('-P FORWARD DROP')
    expect(fabrics.a.status()).toMatchObject({ networks: [{ vni: 101, localPorts: 1, remotePorts: 1 }], problems: [] })
  })

  it('carries TCP between hosts, as many bytes as were sent', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(102))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    await known('a', two.port)
    await known('b', one.port)
    expect(await transferred(one.sandbox, two.sandbox, '10.0.0.3')).toBe(5_000_000)
  })

  it('passes packets of exactly the MTU and refuses larger ones; MTU and MAC survive the move to the sandbox', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(103, 1450))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    await known('a', two.port)
    await known('b', one.port)
    const headers = 28
    expect(await pings(one.sandbox, '10.0.0.3', '-M', 'do', '-s', String(1450 - headers))).toBe(true)
    expect(await pings(one.sandbox, '10.0.0.3', '-M', 'do', '-s', String(1451 - headers))).toBe(false)
    const link = await inNamespace(one.sandbox, 'ip', 'link', 'show', 'dev', 'eth0')
    expect(link).toContain('mtu 1450')
    expect(link).toContain(one.port.mac_address)
    const inside = await linkOpsOf('a').listLinks(namespaceOf('a', network))
    const mtus = new Map(inside.map(entry => [entry.name, entry.mtu]))
    for (const name of ['vx0', 'br0', hostInterfaceName(one.port.id)]) expect(mtus.get(name)).toBe(1450)
  })

  it('keeps two networks with the same subnet and the same addresses apart', async () => {
    await fresh()
    const networks = [view.putNetwork(makeNetwork(104)), view.putNetwork(makeNetwork(105))]
    for (const network of networks) {
      const one = await container(network, 'a', 2)
      const two = await container(network, 'b', 3)
      await known('a', two.port)
      await known('b', one.port)
      expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
      const seen = await inNamespace(one.sandbox, 'ip', 'neigh', 'show', '10.0.0.3')
      expect(seen).toContain(two.port.mac_address)
    }
    const macs = networks.map(network => [...view.ports(network.id)].map(port => port.mac_address))
    expect(new Set(macs.flat()).size).toBe(4)
  })

  it('two containers on one host reach each other and no frame of theirs goes to the other host', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(106))
    const one = await container(network, 'a', 2)
    await container(network, 'a', 3)
    const remote = await container(network, 'b', 4)
    await known('a', remote.port)
    await known('b', one.port)
    const before = await receivedByTunnel('b', network)
    expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
    expect(await pings(one.sandbox, 'fd00:65::3')).toBe(true)
    expect(await receivedByTunnel('b', network)).toBe(before)
    expect(await pings(one.sandbox, '10.0.0.4')).toBe(true)
    expect(await receivedByTunnel('b', network)).toBe(before + 3)
  })

  it('forgets and relearns where a container is when it moves to the other host with its address and MAC', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(111))
    const stays = await container(network, 'a', 2)
    const moves = await container(network, 'b', 3)
    await known('a', moves.port)
    await known('b', stays.port)
    expect(await pings(stays.sandbox, '10.0.0.3')).toBe(true)
    await fabrics.b.detach(moves.port.id, network.id)
    const moved = view.putPort({ ...moves.port, 'binding:host_id': 'a' })
    await fabrics.a.attach(moved, network)
    await plugIntoSandbox(moved, 'a')
    await vi.waitFor(async () => expect(await forwarding('a', network)).not.toContain(`${moved.mac_address} dst`))
    expect(await pings(stays.sandbox, '10.0.0.3')).toBe(true)
    expect(await pings(stays.sandbox, 'fd00:65::3')).toBe(true)
  })

  it('rewrites the entries when a host gets another tunnel address, and on resync mends what someone broke', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(112))
    await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    await known('a', two.port)
    view.putHost('b', '10.8.65.99')
    await vi.waitFor(async () => expect(await forwarding('a', network)).toContain('dst 10.8.65.99'))
    view.putHost('b', addresses.b)
    await known('a', two.port)
    await breakEntries('a', network, two.port)
    view.resync()
    await known('a', two.port)
    expect(await inNamespace(namespaceOf('a', network), 'ip', 'neigh', 'show', 'dev', 'vx0')).toContain('10.0.0.3')
  })

  it('programs 200 remote ports that arrive at once in less than a second', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(118))
    await container(network, 'a', 2)
    const ports = Array.from({ length: 200 }, (_, index) => remotePort(network, index))
    const begin = performance.now()
    for (const port of ports) view.putPort(port)
    await vi.waitFor(async () => expect(await entriesOf('a', network)).toEqual({ forwarding: 200, neighbours: 400 }), {
      interval: 20,
      timeout: 5000,
    })
    expect(performance.now() - begin).toBeLessThan(1000)
    expect(fabrics.a.status()).toMatchObject({ networks: [{ remotePorts: 200 }], problems: [] })
    for (const port of ports) view.deletePort(port)
    await vi.waitFor(async () => expect(await entriesOf('a', network)).toEqual({ forwarding: 0, neighbours: 0 }))
  })

  it('20 containers attached at once all reach one another, and 20 detached at once leave nothing', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(121))
    const hosts: HostName[] = ['a', 'b']
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => container(network, hosts[index % 2] ?? 'a', index + 2)),
    )
    for (const { port } of all) await known(port['binding:host_id'] === 'a' ? 'b' : 'a', port)
    const answers = await Promise.all(
      all.map(({ sandbox }, index) => pings(sandbox, `10.0.0.${((index + 7) % 20) + 2}`)),
    )
    expect(answers).not.toContain(false)
    await Promise.all(all.map(({ port }) => fabrics[port['binding:host_id'] as HostName].detach(port.id, network.id)))
    expect(await ourNamespaces()).toEqual([])
  })
})
