import { BindingRefused } from '../binding-refused.ts'
import type { BindRequest, PortBinding } from '../port-binding.ts'

/** `binding:vif_type` `unbound`: Neutron has not been told, or did not heed, on which host the port is. */
export const refuseUnbound: PortBinding = {
  bind({ port }: BindRequest) {
    const what = `port ${port.id} is not bound to a host (binding:vif_type is unbound)`
    const check = `check that binding:host_id was accepted (it needs an admin or service role in Neutron)`
    return Promise.reject(new BindingRefused(`${what}: ${check}; it is ${JSON.stringify(port['binding:host_id'])}`))
  },
  unbind: () => Promise.resolve(),
}
