import type { Fabric } from '../../fabric/fabric.ts'
import { containerInterfaceName } from '../../host-network/names.ts'
import type { BindCall, BindRequest, BoundInterface, PortBinding, UnbindRequest } from '../port-binding.ts'

/**
 * `binding:vif_type` `fabric`: the embedded network. The container end stays down and without an address in the host's
 * namespace until Docker moves it, so that the host neither answers for the container nor gets a route to its subnet.
 */
export class FabricBinding implements PortBinding {
  readonly #fabric: Fabric

  constructor(fabric: Fabric) {
    this.#fabric = fabric
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    await this.#fabric.attach(request.port, request.network)
    return { containerInterface: containerInterfaceName(request.port.id), wired: true }
  }

  async unbind(request: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    if (request.networkId !== undefined) await this.#fabric.detach(request.portId, request.networkId)
  }
}
