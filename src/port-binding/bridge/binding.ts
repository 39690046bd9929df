import { failedBecause } from '../../host-network/host-network-error.ts'
import type { LinkOps } from '../../host-network/link-ops.ts'
import { checkedInterfaceName, networkBridgeName } from '../../host-network/names.ts'
import { hostVeths, plugHostVeth, silence, unplugHostVeth } from '../host-veth.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'

/**
 * `binding:vif_type` `bridge`: OpenStack's linuxbridge agent. It looks for `tap…` among the host's links, joins the
 * network's bridge `brq…` to its VXLAN or physical device, filters, and tells Neutron that the port is ACTIVE. The taps
 * of ports whose owner is `compute:…` it leaves to whoever plugs them, bridge included; the bridge goes with the network.
 */
export class BridgeBinding implements PortBinding {
  readonly #linkOps: LinkOps

  constructor(linkOps: LinkOps) {
    this.#linkOps = linkOps
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    const bridge = bridgeOf(request)
    await this.#provideBridge(bridge, request.network.mtu)
    const { containerEnd } = await plugHostVeth(this.#linkOps, request, bridge)
    return { containerInterface: containerEnd, wired: false }
  }

  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    await unplugHostVeth(this.#linkOps, portId)
  }

  plugs(): Promise<Plug[]> {
    return hostVeths(this.#linkOps)
  }

  /** The agent may be making the same one at this moment. */
  async #provideBridge(name: string, mtu: number): Promise<void> {
    try {
      await this.#linkOps.createBridge({ namespace: undefined, name, mtu })
      await silence(this.#linkOps, name)
    } catch (error) {
      if (!failedBecause(error, 'exists')) throw error
    }
  }
}

/** The agent's `bridge_mappings` may name another one for a physical network. */
function bridgeOf({ port, network }: BindRequest): string {
  const { bridge_name: name } = port['binding:vif_details']
  return typeof name === 'string' && name !== '' ? checkedInterfaceName(name) : networkBridgeName(network.id)
}
