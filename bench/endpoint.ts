import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { openFabric } from '../src/fabric/open-fabric.ts'
import { IprouteLinkOps } from '../src/host-network/iproute/iproute-link-ops.ts'
import { containerInterfaceName } from '../src/host-network/names.ts'
import { MemoryView } from '../test/integration/fabric/memory-view.ts'
import { makeNetwork, makePort } from '../test/integration/fabric/resources.ts'
import { addHost, inNamespace, removeLeftOvers, run, runPrefix } from '../test/integration/fabric/two-hosts.ts'

/**
 * What the fabric adds to the cost of an endpoint: attach and detach against the floor measured in the same run, one
 * `ip -batch` line that makes the same veth and one that deletes it. Needs root. Usage: bench/endpoint.ts [rounds]
 */
const rounds = Number(process.argv[2] ?? 60)
const host = `${runPrefix}a`
const byHand = `${runPrefix}f`

/** One line to `ip -batch -`, as a program without any library would do it. */
async function ipBatch(line: string): Promise<void> {
  const ip = spawn('ip', ['-n', byHand, '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] })
  ip.stdin.end(`${line}\n`)
  const [status] = (await once(ip, 'close')) as [number]
  if (status !== 0) throw new Error(`ip ended with ${status}: ${line}`)
}

async function milliseconds(act: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await act()
  return performance.now() - begin
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function measure(): Promise<Record<string, number[]>> {
  const times = { handAdd: [] as number[], handDel: [] as number[], attach: [] as number[], detach: [] as number[] }
  const view = new MemoryView()
  view.putHost('b', '10.8.65.81')
  const network = view.putNetwork(makeNetwork(201))
  for (let index = 0; index < 200; index++) {
    const mac = `fa:16:3e:bb:00:${index.toString(16).padStart(2, '0')}`
    view.putPort(makePort(network, 'b', { mac, addresses: [`10.0.1.${index}`] }))
  }
  const linkOps = new IprouteLinkOps({ hostNamespace: host })
  const log = { info: () => undefined, warn: () => undefined }
  const options = { linkOps, view, host: 'a', localAddress: '10.8.65.80', vxlanPort: 4789, log }
  const fabric = openFabric({ ...options, namespacePrefix: `${runPrefix}a-` })
  await fabric.start()
  const keeper = makePort(network, 'a', { mac: 'fa:16:3e:00:00:01', addresses: ['10.0.0.2'] })
  await fabric.attach(keeper, network)
  await ipBatch('link add name br0 mtu 1450 up type bridge')
  for (let round = 0; round < rounds; round++) {
    const port = { ...keeper, id: randomUUID(), mac_address: 'fa:16:3e:00:00:02' }
    const veth = `name tap1 master br0 mtu 1450 up type veth peer name ${containerInterfaceName(port.id)}`
    const peer = `address ${port.mac_address} mtu 1450 netns ${host}`
    times.handAdd.push(await milliseconds(() => ipBatch(`link add ${veth} ${peer}`)))
    times.handDel.push(await milliseconds(() => ipBatch('link del dev tap1')))
    times.attach.push(await milliseconds(() => fabric.attach(port, network)))
    times.detach.push(await milliseconds(() => fabric.detach(port.id, network.id)))
  }
  await fabric.detach(keeper.id, network.id)
  await fabric.stop()
  return times
}

function line(name: string, ours: number[], floor: number[]): string {
  const [own, hand] = [median(ours), median(floor)]
  return `${name.padEnd(8)} ${own.toFixed(1).padStart(8)} ms ${hand.toFixed(1).padStart(10)} ms ${(own / hand).toFixed(2).padStart(8)}`
}

await removeLeftOvers()
try {
  await addHost('a', '10.8.65.80')
  await run('ip', 'netns', 'add', byHand)
  await inNamespace(byHand, 'sysctl', '-q', '-w', 'net.ipv6.conf.default.disable_ipv6=1')
  const { attach = [], handAdd = [], detach = [], handDel = [] } = await measure()
  process.stdout.write(`median of ${rounds}; a network with 200 remote ports\n`)
  process.stdout.write('           fabric    ip by hand    ratio\n')
  process.stdout.write(`${line('attach', attach, handAdd)}\n${line('detach', detach, handDel)}\n`)
} finally {
  await removeLeftOvers()
}
