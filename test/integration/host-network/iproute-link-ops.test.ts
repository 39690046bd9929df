import { open, readdir, rm } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failedBecause } from '../../../src/host-network/host-network-error.ts'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import { inNamespace, removeLeftOvers, run, runPrefix } from '../fabric/two-hosts.ts'

const isRoot = process.getuid?.() === 0
const host = `${runPrefix}h`
const inside = `${runPrefix}i`
const linkOps = new IprouteLinkOps({ hostNamespace: host })
const veth = (number: number) => ({
  namespace: inside,
  hostEnd: `tap${number}`,
  bridge: 'br0',
  containerEnd: `t_c${number}`,
  mac: `fa:16:3e:00:00:0${number}`,
  mtu: 1400,
})
const vxlan = { namespace: inside, name: 'vx0', mtu: 1400, vni: 7, localAddress: '10.8.65.80', port: 4789 }

async function namesIn(namespace: string | undefined): Promise<string[]> {
  const links = await linkOps.listLinks(namespace)
  return links.map(link => link.name).filter(name => name !== 'lo')
}

describe.skipIf(!isRoot)('links by iproute2 on the real kernel (needs root, bridge, veth, vxlan)', () => {
  beforeAll(removeLeftOvers)
  afterAll(removeLeftOvers)
  beforeEach(async () => {
    await removeLeftOvers()
    await linkOps.createNamespace(host)
    await linkOps.createNamespace(inside)
    await linkOps.createBridge({ namespace: inside, name: 'br0', mtu: 1400 })
  })

  it('lists namespaces, refuses one that is there, and deletes absent ones', async () => {
    expect(await linkOps.listNamespaces()).toEqual(expect.arrayContaining([host, inside]))
    await expect(linkOps.createNamespace(inside)).rejects.toMatchObject({ failure: 'exists' })
    await linkOps.deleteNamespace(inside)
    await linkOps.deleteNamespace(inside)
    await expect(linkOps.listLinks(inside)).rejects.toMatchObject({ failure: 'absent' })
  })

  it('calls a name without a namespace behind it absent', async () => {
    const name = `${runPrefix}e`
    await (await open(`/run/netns/${name}`, 'w')).close()
    await expect(linkOps.listLinks(name)).rejects.toMatchObject({ failure: 'absent' })
    await linkOps.deleteNamespace(name)
    expect(await readdir('/run/netns')).not.toContain(name)
    await rm(`/run/netns/${name}`, { force: true })
  })

  it('makes a veth in one act: host end up in the bridge, container end down in the host, MAC and MTU as asked', async () => {
    await linkOps.createVeth(veth(1))
    const hostEnd = (await linkOps.listLinks(inside)).find(link => link.name === 'tap1')
    const containerEnd = (await linkOps.listLinks(undefined)).find(link => link.name === 't_c1')
    expect(hostEnd).toMatchObject({ bridge: 'br0', mtu: 1400, up: true, kind: 'veth' })
    expect(containerEnd).toMatchObject({ bridge: undefined, mtu: 1400, up: false, mac: 'fa:16:3e:00:00:01' })
  })

  it('leaves nothing of a veth whose bridge is missing or whose container end is taken', async () => {
    await linkOps.createVeth(veth(1))
    await expect(linkOps.createVeth({ ...veth(1), hostEnd: 'tap2' })).rejects.toMatchObject({ failure: 'exists' })
    await expect(linkOps.createVeth({ ...veth(3), bridge: 'br9' })).rejects.toMatchObject({ failure: 'absent' })
    expect(await namesIn(inside)).toEqual(['br0', 'tap1'])
    expect(await namesIn(undefined)).toEqual(['t_c1'])
  })

  it('deletes many links, some of them absent, and no others', async () => {
    for (const number of [1, 2, 3, 4]) await linkOps.createVeth(veth(number))
    await linkOps.deleteLinks(inside, ['tap1', 'tap9', 'tap2', 'tap3'])
    await linkOps.deleteLinks(inside, ['tap9'])
    await linkOps.deleteLinks(`${runPrefix}none`, ['tap9'])
    expect(await namesIn(inside)).toEqual(['br0', 'tap4'])
    await linkOps.deleteLinks(inside, ['tap4'])
    expect(await namesIn(undefined)).toEqual([])
  })

  it('makes a macvtap that has the MAC of its parent, as that of a virtual function has, and can be set up', async context => {
    await linkOps.createVeth(veth(1))
    const child = {
      kind: 'macvtap',
      parent: 't_c1',
      name: 'mt1',
      mac: veth(1).mac,
      mtu: 1400,
      alias: 'kuryr:1',
    } as const
    await linkOps.createChildLink(child).catch((error: unknown) => {
      if (!failedBecause(error, 'unsupported')) throw error
      context.skip('the kernel has no macvtap')
    })
    await inNamespace(host, 'ip', 'link', 'set', 'dev', 't_c1', 'up')
    await inNamespace(host, 'ip', 'link', 'set', 'dev', 'mt1', 'up')
    const made = (await linkOps.listLinks(undefined)).find(link => link.name === 'mt1')
    expect(made).toMatchObject({ kind: 'macvtap', mac: veth(1).mac, up: true, alias: 'kuryr:1' })
  })

  it('makes a VXLAN device whose socket is in the host, and tells of a VNI in use', async () => {
    await linkOps.createVxlan(vxlan)
    await linkOps.joinBridge({ namespace: inside, device: 'vx0', bridge: 'br0', learning: false })
    const made = (await linkOps.listLinks(inside)).find(link => link.name === 'vx0')
    expect(made).toMatchObject({ bridge: 'br0', vxlan: { vni: 7, localAddress: '10.8.65.80', port: 4789 } })
    expect(await inNamespace(host, 'ss', '-Huln')).toContain(':4789')
    expect(await inNamespace(inside, 'ss', '-Huln')).toBe('')
    await expect(linkOps.createVxlan({ ...vxlan, name: 'vx1' })).rejects.toThrow('same VNI and UDP port')
  })

  it('takes an IPv6 local address', async () => {
    await linkOps.createVxlan({ ...vxlan, localAddress: 'fd00::80' })
    const made = (await linkOps.listLinks(inside)).find(link => link.name === 'vx0')
    expect(made?.vxlan).toEqual({ vni: 7, localAddress: 'fd00::80', port: 4789 })
  })

  it('writes entries of both tables and both families, replaces them, and removes also what is half there', async () => {
    await linkOps.createVxlan(vxlan)
    await linkOps.setSysctls(inside, [{ key: 'net.ipv6.conf.vx0.disable_ipv6', value: 0 }])
    await linkOps.joinBridge({ namespace: inside, device: 'vx0', bridge: 'br0', learning: false })
    const target = { namespace: inside, device: 'vx0' }
    const mac = 'fa:16:3e:00:00:09'
    const entry = (destination: string) => ({ replace: [{ mac, destination }], remove: [] })
    await linkOps.changeForwarding(target, entry('10.8.65.81'))
    await linkOps.changeForwarding(target, entry('10.8.65.82'))
    expect(await linkOps.listForwarding(inside, 'vx0')).toEqual([{ mac, destination: '10.8.65.82', complete: true }])
    const neighbours = ['10.0.0.9', 'fd00::9'].map(address => ({ address, mac }))
    await linkOps.changeNeighbours(target, { replace: neighbours, remove: [{ address: '10.0.0.7', mac }] })
    expect(await linkOps.listNeighbours(inside, 'vx0')).toEqual(neighbours)
    await inNamespace(inside, 'bridge', 'fdb', 'del', mac, 'dev', 'vx0', 'master')
    expect(await linkOps.listForwarding(inside, 'vx0')).toMatchObject([{ mac, complete: false }])
    const removal = { replace: [], remove: [{ mac, destination: '' }] }
    await linkOps.changeForwarding(target, removal)
    await linkOps.changeForwarding(target, removal)
    expect(await linkOps.listForwarding(inside, 'vx0')).toEqual([])
  })

  it('takes IPv4 neighbours where IPv6 is refused, and tells of it', async () => {
    await linkOps.createVxlan(vxlan)
    await linkOps.joinBridge({ namespace: inside, device: 'vx0', bridge: 'br0', learning: false })
    const target = { namespace: inside, device: 'vx0' }
    const mac = 'fa:16:3e:00:00:09'
    await linkOps.setSysctls(inside, [{ key: 'net.ipv6.conf.vx0.disable_ipv6', value: 1 }])
    const replace = ['fd00::9', '10.0.0.9'].map(address => ({ address, mac }))
    await expect(linkOps.changeNeighbours(target, { replace, remove: [] })).rejects.toThrow('IPv6 is disabled')
    expect(await linkOps.listNeighbours(inside, 'vx0')).toEqual([{ address: '10.0.0.9', mac }])
  })

  it('removes neighbours of which some are gone already', async () => {
    await linkOps.createVxlan(vxlan)
    const target = { namespace: inside, device: 'vx0' }
    const entries = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(address => ({ address, mac: 'fa:16:3e:00:00:09' }))
    await linkOps.changeNeighbours(target, { replace: entries.slice(1), remove: [] })
    await linkOps.changeNeighbours(target, { replace: [], remove: entries })
    expect(await linkOps.listNeighbours(inside, 'vx0')).toEqual([])
  })

  it('makes the other forwarding entries of a batch when one is refused, and tells of it', async () => {
    await linkOps.createVxlan(vxlan)
    await linkOps.joinBridge({ namespace: inside, device: 'vx0', bridge: 'br0', learning: false })
    const target = { namespace: inside, device: 'vx0' }
    const replace = ['fd00::81', '10.8.65.81'].map((destination, index) => ({
      mac: `fa:16:3e:00:00:0${index}`,
      destination,
    }))
    await expect(linkOps.changeForwarding(target, { replace, remove: [] })).rejects.toThrow('-batch')
    const made = (await linkOps.listForwarding(inside, 'vx0')).filter(row => row.complete)
    expect(made).toEqual([{ mac: 'fa:16:3e:00:00:01', destination: '10.8.65.81', complete: true }])
  })

  it('passes over sysctls that the kernel lacks', async () => {
    await linkOps.setSysctls(inside, [
      { key: 'net.nothing.of_the_kind', value: 1 },
      { key: 'net.ipv4.ip_forward', value: 1 },
    ])
    expect(await inNamespace(inside, 'cat', '/proc/sys/net/ipv4/ip_forward')).toBe('1\n')
    expect(await inNamespace(host, 'cat', '/proc/sys/net/ipv4/ip_forward')).toBe('0\n')
  })

  it("finds the device, source address and MTU of a route, the route's own MTU first", async () => {
    await inNamespace(host, 'ip', 'link', 'add', 'name', 'eth0', 'mtu', '1380', 'up', 'type', 'bridge')
    await inNamespace(host, 'ip', 'address', 'add', '10.8.65.80/24', 'dev', 'eth0')
    await inNamespace(host, 'ip', 'route', 'add', '10.9.0.0/16', 'via', '10.8.65.1', 'mtu', '1300')
    const source = { device: 'eth0', source: '10.8.65.80' }
    expect(await linkOps.routeTo('10.8.65.81')).toEqual({ ...source, mtu: 1380 })
    expect(await linkOps.routeTo('10.9.1.1')).toEqual({ ...source, mtu: 1300 })
    await expect(linkOps.routeTo('192.0.2.1')).rejects.toThrow('Network is unreachable')
  })

  it('lets no hostile name reach a command', async () => {
    const hostile = 'x\nlink del dev br0'
    await expect(linkOps.deleteLinks(inside, [hostile])).rejects.toMatchObject({ failure: 'invalid-argument' })
    await expect(linkOps.createVeth({ ...veth(1), mac: hostile })).rejects.toMatchObject({
      failure: 'invalid-argument',
    })
    await expect(linkOps.listLinks('../../proc/1/ns')).rejects.toMatchObject({ failure: 'invalid-argument' })
    expect(await namesIn(inside)).toEqual(['br0'])
  })

  it('takes the namespace of this process for the host when none is named', async () => {
    const own = new IprouteLinkOps()
    const names = (await own.listLinks(undefined)).map(link => link.name)
    const expected = JSON.parse(await run('ip', '-j', 'link', 'show')) as { ifname: string }[]
    expect(names).toEqual(expected.map(link => link.ifname))
  })
})
