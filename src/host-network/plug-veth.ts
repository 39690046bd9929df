import { failedBecause } from './host-network-error.ts'
import type { LinkOps, VethSpec } from './link-ops.ts'

/**
 * Makes a port's veth. If one is there already it stays when it is as wanted, or when its container end is in a sandbox
 * (a running container's); anything else under its names is a failed attempt's and is made anew.
 */
export async function plugVeth(linkOps: LinkOps, veth: VethSpec): Promise<void> {
  try {
    await linkOps.createVeth(veth)
  } catch (error) {
    if (!failedBecause(error, 'exists')) throw error
    if (await isPlugged(linkOps, veth)) return
    await linkOps.deleteLinks(veth.namespace, [veth.hostEnd])
    await linkOps.deleteLinks(undefined, [veth.containerEnd])
    await linkOps.createVeth(veth)
  }
}

async function isPlugged(linkOps: LinkOps, veth: VethSpec): Promise<boolean> {
  const [inNamespace, inHost] = await Promise.all([linkOps.listLinks(veth.namespace), linkOps.listLinks(undefined)])
  const hostEnd = inNamespace.find(link => link.name === veth.hostEnd)
  const containerEnd = inHost.find(link => link.name === veth.containerEnd)
  if (hostEnd?.mtu !== veth.mtu || !hostEnd.up) return false
  if (veth.bridge !== undefined && hostEnd.bridge !== veth.bridge) return false
  if (containerEnd === undefined) return true
  return (veth.mac === undefined || containerEnd.mac === veth.mac.toLowerCase()) && containerEnd.mtu === veth.mtu
}
