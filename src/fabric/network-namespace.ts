import { failedBecause } from '../host-network/host-network-error.ts'
import type { Link, LinkOps, Sysctl } from '../host-network/link-ops.ts'
import type { Network } from '../neutron/resources.ts'

/** Names inside every network's namespace. */
export const bridgeName = 'br0'
export const vxlanName = 'vx0'
const hostEndName = /^tap[0-9a-f]{8}-[0-9a-f]{2}$/

/** What a network's namespace on this host must look like. */
export interface NamespaceSpec {
  namespace: string
  vni: number
  mtu: number
  /** Undefined: a host alone, no VXLAN device. */
  localAddress: string | undefined
  vxlanPort: number
}

/** `kuryr-` and the first 11 characters of the network's id. */
export function namespaceName(prefix: string, networkId: string): string {
  return prefix + networkId.slice(0, 11)
}

/** True for the names that {@link namespaceName} gives. */
export function isNamespaceName(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && /^[0-9a-f]{8}-[0-9a-f]{2}$/.test(name.slice(prefix.length))
}

/** The host ends of ports among the links of a network's namespace. */
export function hostEnds(links: Link[]): string[] {
  return links.map(link => link.name).filter(name => hostEndName.test(name))
}

/** The network's VXLAN network identifier; throws if it has none. */
export function vniOf(network: Network): number {
  const vni = network['provider:segmentation_id']
  if (typeof vni === 'number' && Number.isInteger(vni) && vni > 0 && vni < 2 ** 24) return vni
  const expected = 'expected a VXLAN network identifier (1 to 16777215) as provider:segmentation_id'
  throw new Error(`network ${network.id}: ${expected}, got ${String(vni)}`)
}

/**
 * Makes the namespace complete, or mends one that is there: what is right already stays untouched, so that traffic
 * through it goes on. If it rejects, what it has made of a new namespace is left for the caller to remove.
 * @returns the links that were there before.
 */
export async function ensureNamespace(linkOps: LinkOps, spec: NamespaceSpec): Promise<Link[]> {
  const links = await createOrList(linkOps, spec.namespace)
  await ensureVxlan(linkOps, spec, links)
  await ensureSysctls(linkOps, spec, links)
  await ensureBridge(linkOps, spec, links)
  return links
}

/** Removes the namespace with all that is in it, at once and not when the kernel finds time, so that it can be made anew. */
export async function removeNamespace(linkOps: LinkOps, namespace: string, links: Link[]): Promise<void> {
  const ours = [...hostEnds(links), ...links.map(link => link.name).filter(name => name === vxlanName)]
  await linkOps.deleteLinks(namespace, ours)
  await linkOps.deleteNamespace(namespace)
}

async function createOrList(linkOps: LinkOps, namespace: string): Promise<Link[]> {
  if (await createdNew(linkOps, namespace)) return []
  try {
    return await linkOps.listLinks(namespace)
  } catch (error) {
    if (!failedBecause(error, 'absent')) throw error
    // Killed between making the name and giving it a namespace, `ip netns` leaves an empty file.
    await linkOps.deleteNamespace(namespace)
    await linkOps.createNamespace(namespace)
    return []
  }
}

async function createdNew(linkOps: LinkOps, namespace: string): Promise<boolean> {
  try {
    await linkOps.createNamespace(namespace)
    return true
  } catch (error) {
    if (failedBecause(error, 'exists')) return false
    throw error
  }
}

async function ensureVxlan(linkOps: LinkOps, spec: NamespaceSpec, links: Link[]): Promise<void> {
  const { namespace, localAddress } = spec
  const present = links.find(link => link.name === vxlanName)
  const right = present?.vxlan !== undefined && isAsWanted(present.vxlan, spec)
  if (present !== undefined && !right) await linkOps.deleteLinks(namespace, [vxlanName])
  if (localAddress !== undefined && !right) {
    const { vni, mtu, vxlanPort: port } = spec
    await linkOps.createVxlan({ namespace, name: vxlanName, mtu, vni, localAddress, port })
  }
  if (right && present.mtu !== spec.mtu) await linkOps.setMtu(namespace, vxlanName, spec.mtu)
}

function isAsWanted(vxlan: NonNullable<Link['vxlan']>, spec: NamespaceSpec): boolean {
  return vxlan.localAddress === spec.localAddress && vxlan.vni === spec.vni && vxlan.port === spec.vxlanPort
}

async function ensureBridge(linkOps: LinkOps, spec: NamespaceSpec, links: Link[]): Promise<void> {
  const { namespace, mtu } = spec
  const bridge = links.find(link => link.name === bridgeName)
  if (bridge === undefined) await linkOps.createBridge({ namespace, name: bridgeName, mtu })
  else if (bridge.mtu !== mtu) await linkOps.setMtu(namespace, bridgeName, mtu)
  if (spec.localAddress === undefined) return
  // What is behind the tunnel is known from the cluster view. An address learned here would outlive a container's move.
  await linkOps.joinBridge({ namespace, device: vxlanName, bridge: bridgeName, learning: false })
}

/**
 * The bridge and the host ends shall not speak IPv6 of their own; written only before there is a bridge, because on a
 * namespace at work it would empty the IPv6 neighbour table.
 */
async function ensureSysctls(linkOps: LinkOps, spec: NamespaceSpec, links: Link[]): Promise<void> {
  const complete = links.some(link => link.name === bridgeName)
  const settings = [...(complete ? [] : quietNamespace), ...(spec.localAddress === undefined ? [] : quietTunnel)]
  if (settings.length > 0) await linkOps.setSysctls(spec.namespace, settings)
}

/** Nothing here goes through iptables: the host's rules (Docker sets FORWARD to DROP) are not about bridged frames. */
const quietNamespace: Sysctl[] = [
  { key: 'net.ipv6.conf.default.disable_ipv6', value: 1 },
  { key: 'net.ipv6.conf.all.disable_ipv6', value: 1 },
  { key: 'net.bridge.bridge-nf-call-iptables', value: 0 },
  { key: 'net.bridge.bridge-nf-call-ip6tables', value: 0 },
  { key: 'net.bridge.bridge-nf-call-arptables', value: 0 },
]

/** Without IPv6 on it, the kernel takes no IPv6 neighbour entries for the tunnel; it gets no address and heeds no router. */
const quietTunnel: Sysctl[] = [
  { key: `net.ipv6.conf.${vxlanName}.addr_gen_mode`, value: 1 },
  { key: `net.ipv6.conf.${vxlanName}.accept_ra`, value: 0 },
  { key: `net.ipv6.conf.${vxlanName}.router_solicitations`, value: 0 },
  { key: `net.ipv6.conf.${vxlanName}.disable_ipv6`, value: 0 },
]
