import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Names of this run begin with it; those of a run whose process is gone are removed by {@link removeLeftOvers}. */
export const runPrefix = `kft${process.pid}`
const anyRun = /^kft(\d+)/

/** Runs a program in a namespace; its standard output. */
export async function inNamespace(namespace: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec('nsenter', [`--net=/run/netns/${namespace}`, '--', program, ...args])
  return stdout
}

/** Runs a program; its standard output. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec(program, args)
  return stdout
}

/** Removes the namespaces of this run and of earlier ones that crashed. */
export async function removeLeftOvers(): Promise<void> {
  for (const name of await namespaces()) {
    const pid = Number(anyRun.exec(name)?.[1] ?? Number.NaN)
    if (pid === process.pid || (pid > 0 && !isAlive(pid))) await run('ip', 'netns', 'del', name)
  }
}

/** All names in /run/netns. */
export async function namespaces(): Promise<string[]> {
  return readdir('/run/netns').catch(() => [])
}

/**
 * A namespace that stands for a Docker host: eth0 with the address, connected to the switch, and Docker's
 * `FORWARD DROP` in both iptables families' filter table, also for bridged frames.
 */
export async function addHost(name: string, address: string): Promise<string> {
  const host = `${runPrefix}${name}`
  await run('ip', 'netns', 'add', host)
  await addToSwitch(host, address)
  await inNamespace(host, 'ip', 'link', 'set', 'dev', 'lo', 'up')
  await inNamespace(host, 'iptables', '-w', '-P', 'FORWARD', 'DROP')
  await inNamespace(host, 'ip6tables', '-w', '-P', 'FORWARD', 'DROP')
  return host
}

async function addToSwitch(host: string, address: string): Promise<void> {
  const hub = `${runPrefix}s`
  if (!(await namespaces()).includes(hub)) {
    await run('ip', 'netns', 'add', hub)
    await inNamespace(hub, 'sysctl', '-q', '-e', '-w', 'net.bridge.bridge-nf-call-iptables=0')
    await inNamespace(hub, 'ip', 'link', 'add', 'name', 'hub0', 'up', 'type', 'bridge')
  }
  const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', host]
  await inNamespace(hub, 'ip', 'link', 'add', 'name', `p${host.slice(-1)}`, 'master', 'hub0', 'up', ...cable)
  await inNamespace(host, 'ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await inNamespace(host, 'ip', 'link', 'set', 'dev', 'eth0', 'up')
}

/** Does what Docker does with a container end: moves it into a sandbox as eth0, gives it its addresses, sets it up. */
export async function moveToSandbox(move: { host: string; link: string; addresses: string[] }): Promise<string> {
  const sandbox = `${runPrefix}x${sandboxes++}`
  await run('ip', 'netns', 'add', sandbox)
  await inNamespace(move.host, 'ip', 'link', 'set', 'dev', move.link, 'netns', sandbox)
  await inNamespace(sandbox, 'ip', 'link', 'set', 'dev', move.link, 'name', 'eth0')
  for (const address of move.addresses) {
    const noDad = address.includes(':') ? ['nodad'] : []
    await inNamespace(sandbox, 'ip', 'address', 'add', address, 'dev', 'eth0', ...noDad)
  }
  await inNamespace(sandbox, 'ip', 'link', 'set', 'dev', 'eth0', 'up')
  return sandbox
}
let sandboxes = 0

/** True if `address` answers one of three pings from the namespace. */
export async function pings(namespace: string, address: string, ...options: string[]): Promise<boolean> {
  return inNamespace(namespace, 'ping', '-n', '-q', '-c', '3', '-i', '0.05', '-W', '1', ...options, address).then(
    output => / [123] received/.test(output),
    () => false,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
