import type { LinkOps } from '../../host-network/link-ops.ts'
import { hostVeths, plugHostVeth, unplugHostVeth } from '../host-veth.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'

/**
 * `binding:vif_type` `tap`: what wires the port (Calico's agent, for one) waits for a link `tap…` on the host and needs
 * nothing else.
 */
export class TapBinding implements PortBinding {
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
