import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, vi } from 'vitest'
import type { Fabric } from '../../../src/fabric/fabric.ts'
import { openFabric } from '../../../src/fabric/open-fabric.ts'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import { containerInterfaceName } from '../../../src/host-network/names.ts'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { MemoryView } from './memory-view.ts'
import { makePort } from './resources.ts'
import { inNamespace, moveToSandbox, namespaces, run, runPrefix } from './two-hosts.ts'

/** Network namespaces can be made by root alone. */
export const isRoot = process.getuid?.() === 0
/** Of the hosts, on the network between them. */
export const addresses = { a: '10.8.65.80', b: '10.8.65.81' }
/** The two hosts of these tests. */
export type HostName = keyof typeof addresses
const quiet = { info: () => undefined, warn: () => undefined }

/** What the two hosts are told. */
export let view: MemoryView
/** The fabric of each host. */
export let fabrics: Record<HostName, Fabric>
const sandboxes: string[] = []

/** The kernel as one host sees it. */
export function linkOpsOf(host: HostName): IprouteLinkOps {
  return new IprouteLinkOps({ hostNamespace: runPrefix + host })
}

/** A fabric of that host, not yet started. */
export function open(host: HostName, tunnel: 'tunnel' | 'none' = 'tunnel'): Fabric {
  const localAddress = tunnel === 'tunnel' ? addresses[host] : undefined
  const namespacePrefix = `${runPrefix}${host}-`
  return openFabric({
    linkOps: linkOpsOf(host),
    view,
    host,
    localAddress,
    vxlanPort: 4789,
    log: quiet,
    namespacePrefix,
  })
}

/** The namespace of a network on a host. */
export function namespaceOf(host: HostName, network: Network): string {
  return `${runPrefix}${host}-${network.id.slice(0, 11)}`
}

/** A container: port in the view, attached, its end in a sandbox with its addresses. */
export async function container(
  network: Network,
  host: HostName,
  number: number,
): Promise<{ port: Port; sandbox: string }> {
  const ips = [`10.0.0.${number}`, `fd00:65::${number.toString(16)}`]
  const mac = `fa:16:3e:00:${network.id.slice(0, 2)}:${number.toString(16).padStart(2, '0')}`
  const port = view.putPort(makePort(network, host, { mac, addresses: ips }))
  await fabrics[host].attach(port, network)
  return { port, sandbox: await plugIntoSandbox(port, host) }
}

/** Does Docker's part of plugging a port; the sandbox's name. */
export async function plugIntoSandbox(port: Port, host: HostName): Promise<string> {
  const [v4, v6] = port.fixed_ips.map(ip => ip.ip_address)
  const prefixed = [`${String(v4)}/24`, `${String(v6)}/64`]
  const link = containerInterfaceName(port.id)
  const sandbox = await moveToSandbox({ host: runPrefix + host, link, addresses: prefixed })
  sandboxes.push(sandbox)
  return sandbox
}

/** Names of all namespaces that the two fabrics have made. */
export async function ourNamespaces(): Promise<string[]> {
  return (await namespaces()).filter(name => /^kft\d+[ab]-/.test(name) && name.startsWith(runPrefix))
}

/** `bridge fdb show` of the network's VXLAN device. */
export async function forwarding(host: HostName, network: Network): Promise<string> {
  return inNamespace(namespaceOf(host, network), 'bridge', 'fdb', 'show', 'dev', 'vx0')
}

/** Undoes what a test has made. */
export async function detachAll(): Promise<void> {
  for (const host of ['a', 'b'] as const) {
    for (const port of [...view.portsOnHost(host)]) {
      await fabrics[host].detach(port.id, port.network_id)
      view.deletePort(port)
    }
    await fabrics[host].stop()
  }
  for (const sandbox of sandboxes.splice(0)) await run('ip', 'netns', 'del', sandbox)
}

/** Resolves when the host's kernel knows the remote port, in the device and in the bridge. */
export async function known(host: HostName, port: Port): Promise<void> {
  const network = view.network(port.network_id)
  if (network === undefined) throw new Error(`no network ${port.network_id}`)
  await vi.waitFor(
    async () => {
      const entries = await forwarding(host, network)
      const to = addresses[port['binding:host_id'] as HostName]
      expect(entries).toMatch(new RegExp(`^${port.mac_address} dst ${to} .*self static`, 'm'))
      expect(entries).toMatch(new RegExp(`^${port.mac_address} .*master br0 static`, 'm'))
      const neighbours = await inNamespace(namespaceOf(host, network), 'ip', 'neigh', 'show', 'dev', 'vx0')
      for (const ip of port.fixed_ips)
        expect(neighbours).toContain(`${ip.ip_address} lladdr ${port.mac_address} PERMANENT`)
    },
    { timeout: 3000 },
  )
}

/** What a careless operator does. */
export async function breakEntries(host: HostName, network: Network, port: Port): Promise<void> {
  const namespace = namespaceOf(host, network)
  await inNamespace(namespace, 'bridge', 'fdb', 'del', port.mac_address, 'dev', 'vx0', 'self')
  await inNamespace(namespace, 'ip', 'neigh', 'del', port.fixed_ips[0]?.ip_address ?? '', 'dev', 'vx0')
  await inNamespace(namespace, 'bridge', 'fdb', 'add', 'fa:16:3e:ff:ff:ff', 'dev', 'vx0', 'dst', '10.8.65.98', 'self')
}

/** A port on host b, one of many. */
export function remotePort(network: Network, index: number): Port {
  const mac = `fa:16:3e:aa:00:${index.toString(16).padStart(2, '0')}`
  return makePort(network, 'b', { mac, addresses: [`10.0.1.${index}`, `fd00:65::1:${index.toString(16)}`] })
}

/** How many whole entries the kernel has for the network. */
export async function entriesOf(host: HostName, network: Network): Promise<{ forwarding: number; neighbours: number }> {
  const linkOps = linkOpsOf(host)
  const rows = await linkOps.listForwarding(namespaceOf(host, network), 'vx0')
  const neighbours = await linkOps.listNeighbours(namespaceOf(host, network), 'vx0')
  return { forwarding: rows.filter(row => row.complete).length, neighbours: neighbours.length }
}

/** Packets that came in by the network's tunnel. */
export async function receivedByTunnel(host: HostName, network: Network): Promise<number> {
  const counters = await inNamespace(namespaceOf(host, network), 'cat', '/proc/net/dev')
  const packets = /vx0: *\d+ +(\d+)/.exec(counters)?.[1]
  if (packets === undefined) throw new Error(`no vx0 in ${counters}`)
  return Number(packets)
}

/** All that the program prints until it ends. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return output
}

/** Sends 5 MB by TCP from one sandbox to the other; how many bytes came. */
export async function transferred(from: string, to: string, address: string): Promise<number> {
  const receive = `let n = 0; require('net').createServer({ allowHalfOpen: true }, s => s.on('data', d => n += d.length).on('end', () => {
    console.log(n); s.end(); process.exit() })).listen(5000, () => console.log('ready'))`
  const send = `require('net').connect(5000, '${address}').end(Buffer.alloc(5_000_000))`
  const receiver = spawn('nsenter', [`--net=/run/netns/${to}`, process.execPath, '-e', receive], { timeout: 20_000 })
  const output = outputOf(receiver)
  await once(receiver.stdout, 'data')
  await inNamespace(from, process.execPath, '-e', send)
  return Number((await output).replace('ready', ''))
}

/** An empty view with both hosts, and their fabrics, started. */
export async function fresh(): Promise<void> {
  view = new MemoryView()
  view.putHost('a', addresses.a)
  view.putHost('b', addresses.b)
  fabrics = { a: open('a'), b: open('b') }
  await Promise.all([fabrics.a.start(), fabrics.b.start()])
}
