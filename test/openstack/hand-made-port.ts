import { IprouteLinkOps } from '../../src/host-network/iproute/iproute-link-ops.ts'
import type { PortUpdate } from '../../src/neutron/requests.ts'
import type { Network, Port } from '../../src/neutron/resources.ts'
import { openPortBindings, type PortBindings } from '../../src/port-binding/open-port-bindings.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'
import { namespaceName } from '../lab/remains/lab-record.ts'

/** Seconds in which an agent must have wired a port. */
const patience = 30_000

/** Port bindings as a kuryr on that host would have them, which wait until an agent has wired the port. */
export function bindingsOn(lab: Lab, cloud: Cloud, host: DockerHost): PortBindings {
  const neutron = { ports: { show: (id: string) => cloud.port(id) } }
  const address = cloud.switches.get(host)?.address ?? 'unix:/run/openvswitch/no-such-socket'
  const linkOps = new IprouteLinkOps({ hostNamespace: namespaceName(lab.id, host.name) })
  return openPortBindings({ linkOps, ovsdb: { address }, neutron, activation: { patience } })
}

/** A network with one IPv4 subnet. */
export async function makeNetwork(cloud: Cloud, cidr: string): Promise<Network> {
  const { network } = (await cloud.api.call('POST', '/v2.0/networks', { network: { name: 'blue' } })) as {
    network: Network
  }
  const subnet = { network_id: network.id, ip_version: 4, cidr, enable_dhcp: false }
  await cloud.api.call('POST', '/v2.0/subnets', { subnet })
  return network
}

/**
 * A port as the operator or Nova makes one, bound to the host if one is given. In the default security group, if none is
 * wished for, whose members reach one another.
 */
export async function makePort(
  cloud: Cloud,
  network: Network,
  host: DockerHost | undefined,
  wish: PortUpdate = {},
): Promise<Port> {
  const bound = host && { device_owner: 'compute:nova', 'binding:host_id': host.name }
  const body = { port: { network_id: network.id, ...bound, ...wish } }
  return ((await cloud.api.call('POST', '/v2.0/ports', body)) as { port: Port }).port
}

/** Makes a namespace of the host the owner of a link, with the port's address, as Docker and a hypervisor do. */
export async function plugIn(host: DockerHost, link: string, port: Port): Promise<string> {
  const sandbox = `s${link.slice(-8)}`
  const address = `${addressOf(port)}/24`
  const script =
    'ip netns add "$1"; ip -n "$1" link set dev lo up; ip link set dev "$2" netns "$1"; ip -n "$1" link set dev "$2" name eth0 up; ip -n "$1" addr add "$3" dev eth0'
  await host.run('sh', '-ec', script, 'sh', sandbox, link, address)
  return sandbox
}

/** Whether a packet from the sandbox comes back within ten seconds: the first ones may be lost while tunnels are made. */
export async function reaches(host: DockerHost, sandbox: string, to: string, ...options: string[]): Promise<boolean> {
  const ping = ['ping', '-q', '-c', '1', '-i', '0.3', '-w', '10', ...options, to]
  return (await host.tryRun('ip', 'netns', 'exec', sandbox, ...ping)).exitCode === 0
}

/** A security group of the operator's from which all ways lead out, and none in. */
export async function makeGroup(cloud: Cloud, name: string): Promise<string> {
  const made = await cloud.api.call('POST', '/v2.0/security-groups', { security_group: { name } })
  return (made as { security_group: { id: string } }).security_group.id
}

/**
 * Whether a web server answers the sandbox within `seconds`, or packets to it go nowhere: the first ones may be lost while
 * tunnels are made.
 *
 * @throws Error if it is refused, or anything else is the matter
 */
export async function answersSandbox(
  host: DockerHost,
  sandbox: string,
  { address, port, seconds }: { address: string; port: number; seconds: number },
): Promise<boolean> {
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`
  const curl = ['curl', '--silent', '--globoff', '--output', '/dev/null', '--max-time', String(seconds), url]
  const { exitCode, stderr } = await host.tryRun('ip', 'netns', 'exec', sandbox, ...curl)
  if (exitCode !== 0 && exitCode !== 28) throw new Error(`curl ${url} ended with ${exitCode}: ${stderr}`)
  return exitCode === 0
}

/** Whether a web server answers the container, within three attempts. */
export async function answersContainer(
  host: DockerHost,
  container: string,
  to: { address: string; port: number },
): Promise<boolean> {
  // The static busybox of the image has a wget that crashes.
  const once = String.raw`printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 3 "$1" "$2" | grep -q ^HTTP`
  const script = `for i in 1 2 3; do ${once} && exit 0; sleep 1; done; exit 1`
  const command = ['sh', '-c', script, 'sh', to.address, String(to.port)]
  return (await host.tryDocker('exec', container, ...command)).exitCode === 0
}

/** The port's first address. */
export function addressOf({ fixed_ips }: Port): string {
  return fixed_ips[0]?.ip_address ?? ''
}
