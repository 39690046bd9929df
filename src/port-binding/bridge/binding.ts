import type { LinkOps } from '../../host-network/link-ops.ts'
import { hostVeths, plugHostVeth, unplugHostVeth } from '../host-veth.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'

/**
 * `binding:vif_type` `bridge`: OpenStack's linuxbridge agent. It looks for `tap…` among the host's links, makes the
 * network's bridge `brq…`, puts the tap into it and tells Neutron that the port is ACTIVE.
 */
export class BridgeBinding implements PortBinding {
  readonly #linkOps: LinkOps

  constructor(linkOps: LinkOps) {
    this.#linkOps = linkOps
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    const { containerEnd } = await plugHostVeth(this.#linkOps, request)
    return { containerInterface: containerEnd, wired: false }
  }

  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    await unplugHostVeth(this.#linkOps, portId)
  }

  plugs(): Promise<Plug[]> {
    return hostVeths(this.#linkOps)
  }
}
