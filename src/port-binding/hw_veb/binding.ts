import type { LinkOps } from '../../host-network/link-ops.ts'
import type { Port } from '../../neutron/resources.ts'
import { BindingRefused } from '../binding-refused.ts'
import { childLinks, plugChildLink, unplugChildLink } from '../child-link.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'
import { portRemark } from '../port-remark.ts'

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
    const use = { mac: port.mac_address, vlan: vlanOf(port), mtu: network.mtu, alias: portRemark(port.id) }
    try {
      await this.#linkOps.setVirtualFunction(target, use)
      if (port['binding:vnic_type'] !== 'macvtap') return { containerInterface: target.device, wired: false }
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

  plugs(): Promise<Plug[]> {
    return childLinks(this.#linkOps, 'macvtap')
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
