import { makeNetwork, makePort } from './resources.ts'
import { addHost, inNamespace, pings, removeLeftOvers, run, runPrefix } from './two-hosts.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  isRoot,
  addresses,
  view,
  fabrics,
  linkOpsOf,
  open,
  namespaceOf,
  container,
  ourNamespaces,
  forwarding,
  detachAll,
  known,
  breakEntries,
  remotePort,
  entriesOf,
  outputOf,
  fresh,
} from './scene.ts'
import { spawn } from 'node:child_process'

describe.skipIf(!isRoot)('what an earlier run left on the real kernel (needs root, bridge, veth, vxlan)', () => {
  beforeAll(async () => {
    await removeLeftOvers()
    await addHost('a', addresses.a)
    await addHost('b', addresses.b)
  })
  afterAll(removeLeftOvers)

  afterEach(detachAll)

  it('detach keeps the namespace when the kernel has a port there that this process never saw', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(110))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'a', 3)
    await fabrics.a.stop()
    fabrics.a = open('a')
    await fabrics.a.detach(one.port.id, network.id)
    expect(await inNamespace(two.sandbox, 'ip', '-br', 'link')).toContain('eth0')
  })

  it('a fabric that is started anew loses no ping of live containers and mends a deleted entry', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(113))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    const three = await container(network, 'b', 4)
    for (const port of [two.port, three.port]) await known('a', port)
    await known('b', one.port)
    const pinger = spawn('nsenter', [
      `--net=/run/netns/${one.sandbox}`,
      'ping',
      '-q',
      '-c',
      '60',
      '-i',
      '0.02',
      '10.0.0.3',
    ])
    const answer = outputOf(pinger)
    await fabrics.a.stop()
    await breakEntries('a', network, three.port)
    fabrics.a = open('a')
    await fabrics.a.start()
    expect(await answer).toContain('60 received')
    await known('a', three.port)
    expect(await pings(one.sandbox, '10.0.0.4')).toBe(true)
    expect(fabrics.a.status()).toMatchObject({ networks: [{ localPorts: 1, remotePorts: 2 }], problems: [] })
  })

  it('start removes namespaces and links whose ports are gone, mends a half-made one, and tells of ports it cannot plug', async () => {
    await fresh()
    const gone = view.putNetwork(makeNetwork(114))
    const lives = view.putNetwork(makeNetwork(115))
    const lost = view.putPort(makePort(lives, 'a', { mac: 'fa:16:3e:00:00:09', addresses: ['10.0.0.9'] }))
    const left = await container(gone, 'a', 2)
    const stale = await container(lives, 'a', 2)
    const alive = await container(lives, 'a', 3)
    await fabrics.a.stop()
    view.deletePort(left.port)
    view.deletePort(stale.port)
    await run('ip', 'netns', 'add', `${runPrefix}a-01234567-89`)
    fabrics.a = open('a')
    await fabrics.a.start()
    expect(await ourNamespaces()).toEqual([namespaceOf('a', lives)])
    expect(await inNamespace(stale.sandbox, 'ip', '-br', 'link')).not.toContain('eth0')
    expect(await inNamespace(alive.sandbox, 'ip', '-br', 'link')).toContain('eth0')
    expect(fabrics.a.status().problems).toEqual([expect.stringContaining(lost.id)])
  })

  it('a namespace left by a crash does not keep its VNI from the next network', async () => {
    await fresh()
    const left = `${runPrefix}a-01234567-89`
    const vxlan = { namespace: left, name: 'vx0', mtu: 1450, vni: 116, localAddress: addresses.a, port: 4789 }
    await linkOpsOf('a').createNamespace(left)
    await linkOpsOf('a').createVxlan(vxlan)
    const network = view.putNetwork(makeNetwork(116))
    await container(network, 'a', 2)
    expect(await ourNamespaces()).toEqual([namespaceOf('a', network)])
  })

  it('makes a vanished namespace anew at the next attach', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(117))
    await container(network, 'a', 2)
    await run('ip', 'netns', 'del', namespaceOf('a', network))
    const two = await container(network, 'a', 3)
    expect(await inNamespace(two.sandbox, 'ip', '-br', 'link')).toContain('eth0')
  })

  it('makes no VXLAN device for a host without a tunnel address, and one when it gets an address', async () => {
    await fresh()
    await fabrics.a.stop()
    fabrics.a = open('a', 'none')
    const network = view.putNetwork(makeNetwork(119))
    const one = await container(network, 'a', 2)
    await container(network, 'a', 3)
    view.putPort(remotePort(network, 1))
    expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
    await expect(forwarding('a', network)).rejects.toThrow('vx0')
    await fabrics.a.stop()
    fabrics.a = open('a')
    await fabrics.a.start()
    expect(await entriesOf('a', network)).toEqual({ forwarding: 1, neighbours: 2 })
    expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
  })
})
