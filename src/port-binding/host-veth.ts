import { containerInterfaceName, hostInterfaceName } from '../host-network/names.ts'
import type { LinkOps } from '../host-network/link-ops.ts'
import { plugVeth } from '../host-network/plug-veth.ts'
import { portIdOf, portRemark } from './port-remark.ts'
import type { BindRequest, Plug } from './port-binding.ts'

/**
 * Makes the veth of a port in the host's own namespace: `tap…`, up, for whoever wires it, and `t_c…`, down and without
 * an address until Docker moves it, so that the host neither answers for the container nor gets a route to its subnet
 * (upstream's R5). Both have the network's MTU (D13).
 */
export async function plugHostVeth(
  linkOps: LinkOps,
  { port, network }: BindRequest,
  bridge?: string,
): Promise<{ hostEnd: string; containerEnd: string }> {
  const names = { hostEnd: hostInterfaceName(port.id), containerEnd: containerInterfaceName(port.id) }
  const alias = portRemark(port.id)
  const place = { namespace: undefined, ...(bridge !== undefined && { bridge }) }
  await plugVeth(linkOps, { ...names, ...place, mac: port.mac_address, mtu: network.mtu, alias })
  await silence(linkOps, names.hostEnd)
  return names
}

/** Removes the veth, wherever its container end is; nothing there is success. */
export async function unplugHostVeth(linkOps: LinkOps, portId: string): Promise<void> {
  await linkOps.deleteLinks(undefined, [hostInterfaceName(portId)])
}

/** Keeps the host from speaking IPv6 of its own in the tenant's network. The device has no carrier yet: nothing was said. */
export async function silence(linkOps: LinkOps, device: string): Promise<void> {
  await linkOps.setSysctls(undefined, [{ key: `net.ipv6.conf.${device}.disable_ipv6`, value: 1 }])
}

/** The ports whose veth is in the host's namespace, by the remark that {@link plugHostVeth} left on it. */
export async function hostVeths(linkOps: LinkOps): Promise<Plug[]> {
  const links = await linkOps.listLinks(undefined)
  const names = new Set(links.map(link => link.name))
  return links.flatMap(link => {
    const portId = portIdOf(link, hostInterfaceName)
    return portId === undefined ? [] : [{ portId, inUse: !names.has(containerInterfaceName(portId)) }]
  })
}
