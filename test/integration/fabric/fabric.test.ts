import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Fabric } from '../../../src/fabric/fabric.ts'
import { openFabric } from '../../../src/fabric/open-fabric.ts'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import { containerInterfaceName } from '../../../src/host-network/names.ts'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { MemoryView } from './memory-view.ts'
import { makeNetwork, makePort } from './resources.ts'
import { addHost, inNamespace, moveToSandbox, namespaces, pings, removeLeftOvers, run, runPrefix } from './two-hosts.ts'

const isRoot = process.getuid?.() === 0
const addresses = { a: '10.8.65.80', b: '10.8.65.81' }
type HostName = keyof typeof addresses
const quiet = { info: () => undefined, warn: () => undefined }

let view: MemoryView
let fabrics: Record<HostName, Fabric>
let sandboxes: string[] = []

function linkOpsOf(host: HostName): IprouteLinkOps {
  return new IprouteLinkOps({ hostNamespace: runPrefix + host })
}

function open(host: HostName, localAddress: string | undefined = addresses[host]): Fabric {
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

function namespaceOf(host: HostName, network: Network): string {
  return `${runPrefix}${host}-${network.id.slice(0, 11)}`
}

/** A container: port in the view, attached, its end in a sandbox with its addresses. */
async function container(network: Network, host: HostName, number: number): Promise<{ port: Port; sandbox: string }> {
  const ips = [`10.0.0.${number}`, `fd00:65::${number.toString(16)}`]
  const mac = `fa:16:3e:00:${network.id.slice(0, 2)}:${number.toString(16).padStart(2, '0')}`
  const port = view.putPort(makePort(network, host, { mac, addresses: ips }))
  await fabrics[host].attach(port, network)
  return { port, sandbox: await plugIntoSandbox(port, host) }
}

async function plugIntoSandbox(port: Port, host: HostName): Promise<string> {
  const [v4, v6] = port.fixed_ips.map(ip => ip.ip_address)
  const prefixed = [`${String(v4)}/24`, `${String(v6)}/64`]
  const link = containerInterfaceName(port.id)
  const sandbox = await moveToSandbox({ host: runPrefix + host, link, addresses: prefixed })
  sandboxes.push(sandbox)
  return sandbox
}

async function ourNamespaces(): Promise<string[]> {
  return (await namespaces()).filter(name => /^kft\d+[ab]-/.test(name) && name.startsWith(runPrefix))
}

async function forwarding(host: HostName, network: Network): Promise<string> {
  return inNamespace(namespaceOf(host, network), 'bridge', 'fdb', 'show', 'dev', 'vx0')
}

async function detachAll(): Promise<void> {
  for (const host of ['a', 'b'] as const) {
    for (const port of [...view.portsOnHost(host)]) {
      await fabrics[host].detach(port.id, port.network_id)
      view.deletePort(port)
    }
    await fabrics[host].stop()
  }
  for (const sandbox of sandboxes.splice(0)) await run('ip', 'netns', 'del', sandbox)
}

describe.skipIf(!isRoot)('the fabric on the real kernel (needs root, bridge, veth, vxlan)', () => {
  beforeAll(async () => {
    await removeLeftOvers()
    await addHost('a', addresses.a)
    await addHost('b', addresses.b)
  })
  afterAll(removeLeftOvers)

  async function fresh(): Promise<void> {
    view = new MemoryView()
    view.putHost('a', addresses.a)
    view.putHost('b', addresses.b)
    fabrics = { a: open('a'), b: open('b') }
    await Promise.all([fabrics.a.start(), fabrics.b.start()])
  }
  afterEach(detachAll)

  it('joins containers of two hosts over IPv4 and IPv6, with FORWARD DROP on both hosts', async () => {
    await fresh()
    const network = view.putNetwork(makeNetwork(101))
    const one = await container(network, 'a', 2)
    const two = await container(network, 'b', 3)
    await vi.waitFor(async () => expect(await forwarding('a', network)).toContain(two.port.mac_address))
    expect(await pings(one.sandbox, '10.0.0.3')).toBe(true)
    expect(await pings(two.sandbox, 'fd00:65::2')).toBe(true)
    expect(await inNamespace(runPrefix + 'a', 'iptables', '-S', 'FORWARD')).toContain('-P FORWARD DROP')
    expect(fabrics.a.status()).toMatchObject({ networks: [{ vni: 101, localPorts: 1, remotePorts: 1 }], problems: [] })
  })
})
