import type { LinkOps } from '../../host-network/link-ops.ts'
import { containerInterfaceName } from '../../host-network/names.ts'
import type { Port } from '../../neutron/resources.ts'
import { BindingRefused } from '../binding-refused.ts'
import { childLinks, plugChildLink, unplugChildLink } from '../child-link.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'
import { portIdOf, portRemark } from '../port-remark.ts'

/**
 * `binding:vif_type` `hw_veb`: SR-IOV. The operator makes the port with `--vnic-type direct` or `macvtap` and names the
 * virtual function by its PCI address in `binding:profile` (`pci_slot`); the card is the switch. A container gets the
 * function's own device (`direct`), or a macvtap on it.
 */
export class HwVebBinding implements PortBinding {
  readonly #linkOps: LinkOps

  constructor(linkOps: LinkOps) {
    this.#linkOps = linkOps
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    const { port, network } = request
    const target = await this.#linkOps.findVirtualFunction(pciSlotOf(port))
    const isParent = port['binding:vnic_type'] === 'macvtap'
    const alias = portRemark(port.id)
    const use = { mac: port.mac_address, vlan: vlanOf(port), mtu: network.mtu, alias, up: isParent }
    try {
      await this.#linkOps.setVirtualFunction(target, use)
      if (!isParent) return { containerInterface: target.device, wired: false }
      const child = { kind: 'macvtap', parent: target.device, mac: port.mac_address } as const
      return { containerInterface: await plugChildLink(this.#linkOps, request, child), wired: false }
    } catch (error) {
      await this.#linkOps.setVirtualFunction(target, undefined)
      throw error
    }
  }

  /** The function's device tells by its alias of which port it is; in a sandbox it is not seen, and comes back first. */
  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    const links = await this.#linkOps.listLinks(undefined)
    const used = links.filter(({ alias, parentDevice }) => alias === portRemark(portId) && parentDevice !== undefined)
    for (const { parentDevice = '' } of used) {
      const target = await this.#linkOps.findVirtualFunction(parentDevice)
      await this.#linkOps.setVirtualFunction(target, undefined)
    }
    await unplugChildLink(this.#linkOps, portId)
  }

  /**
   * By the functions' devices that are on the host, and the macvtaps. A device of which a container has a macvtap is up;
   * one that a container has itself is not seen until the container ends.
   */
  async plugs(): Promise<Plug[]> {
    const links = await this.#linkOps.listLinks(undefined)
    const names = new Set(links.map(({ name }) => name))
    const plugs = new Map((await childLinks(this.#linkOps, 'macvtap')).map(plug => [plug.portId, plug]))
    for (const link of links.filter(({ parentDevice }) => parentDevice !== undefined)) {
      const portId = portIdOf(link, () => link.name)
      if (portId === undefined || plugs.has(portId)) continue
      plugs.set(portId, { portId, inUse: link.up && !names.has(containerInterfaceName(portId)) })
    }
    return [...plugs.values()]
  }
}

/** @throws {BindingRefused} if the port names none */
function pciSlotOf(port: Port): string {
  const { pci_slot: slot } = port['binding:profile']
  if (typeof slot === 'string') return slot
  const todo = `openstack port set --binding-profile pci_slot=0000:03:10.1 ${port.id}`
  throw new BindingRefused(
    `port ${port.id} names no virtual function in binding:profile (pci_slot): set it, for example ${todo}`,
  )
}

function vlanOf(port: Port): number {
  const { vlan } = port['binding:vif_details']
  return vlan === undefined ? 0 : Number(vlan)
}
