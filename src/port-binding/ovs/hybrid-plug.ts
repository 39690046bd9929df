import type { LinkOps } from '../../host-network/link-ops.ts'
import { hostInterfaceName, hybridPlugNames } from '../../host-network/names.ts'
import { plugVeth } from '../../host-network/plug-veth.ts'
import { plugHostVeth, silence } from '../host-veth.ts'
import type { BindRequest } from '../port-binding.ts'

/**
 * `ovs_hybrid_plug`: the agent's firewall is iptables, which sees the port only where it passes a Linux bridge:
 * container – `tap…` – `qbr…` – `qvb…` – `qvo…` – Open vSwitch. Returns the end that goes into the switch, and the
 * container's.
 */
export async function plugHybrid(
  linkOps: LinkOps,
  request: BindRequest,
): Promise<{ switchEnd: string; containerEnd: string }> {
  const { bridge, bridgeEnd, switchEnd } = hybridPlugNames(request.port.id)
  const { mtu } = request.network
  const links = await linkOps.listLinks(undefined)
  if (!links.some(({ name }) => name === bridge))
    await linkOps.createBridge({ namespace: undefined, name: bridge, mtu })
  await silence(linkOps, bridge)
  const { containerEnd } = await plugHostVeth(linkOps, request, bridge)
  await plugVeth(linkOps, { namespace: undefined, hostEnd: switchEnd, containerEnd: bridgeEnd, mtu })
  for (const end of [bridgeEnd, switchEnd]) await silence(linkOps, end)
  await linkOps.joinBridge({ namespace: undefined, device: bridgeEnd, bridge, learning: true })
  return { switchEnd, containerEnd }
}

/** All links that a port may have on a host with Open vSwitch, plugged by either way. */
export function linksOfPort(portId: string): string[] {
  const { bridge, switchEnd } = hybridPlugNames(portId)
  return [hostInterfaceName(portId), switchEnd, bridge]
}
