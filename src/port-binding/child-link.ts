import { failedBecause } from '../host-network/host-network-error.ts'
import type { ChildLinkSpec, Link, LinkOps } from '../host-network/link-ops.ts'
import { containerInterfaceName } from '../host-network/names.ts'
import { portIdOf, portRemark } from './port-remark.ts'
import type { BindRequest, Plug } from './port-binding.ts'

/** How a port's link is made from its parent. */
export type ChildKind = Pick<ChildLinkSpec, 'kind' | 'parent' | 'mac' | 'vlan'>

/**
 * Makes the link `t_c…` of a port as a child of another device. One that is there and as wanted stays; one that differs
 * is a failed attempt's, and is made anew. There is no other end on the host: where a container has it, it is not seen.
 */
export async function plugChildLink(
  linkOps: LinkOps,
  { port, network }: BindRequest,
  child: ChildKind,
): Promise<string> {
  const name = containerInterfaceName(port.id)
  const spec = { ...child, name, mtu: network.mtu, alias: portRemark(port.id) }
  try {
    await linkOps.createChildLink(spec)
  } catch (error) {
    if (!failedBecause(error, 'exists')) throw error
    const present = (await linkOps.listLinks(undefined)).find(link => link.name === name)
    if (present !== undefined && isAsWanted(present, spec)) return name
    await linkOps.deleteLinks(undefined, [name])
    await linkOps.createChildLink(spec)
  }
  return name
}

/** Removes the link; one in a sandbox goes with that, or comes back when the container leaves. */
export async function unplugChildLink(linkOps: LinkOps, portId: string): Promise<void> {
  await linkOps.deleteLinks(undefined, [containerInterfaceName(portId)])
}

/** Ports whose link of this kind is on the host. */
export async function childLinks(linkOps: LinkOps, kind: ChildLinkSpec['kind']): Promise<Plug[]> {
  const links = (await linkOps.listLinks(undefined)).filter(link => link.kind === kind)
  return links.flatMap(link => {
    const portId = portIdOf(link, containerInterfaceName)
    return portId === undefined ? [] : [{ portId, inUse: false }]
  })
}

function isAsWanted(link: Link, spec: ChildLinkSpec): boolean {
  const sameMac = spec.mac === undefined || link.mac === spec.mac.toLowerCase()
  return link.kind === spec.kind && link.mtu === spec.mtu && sameMac && link.alias === spec.alias
}
