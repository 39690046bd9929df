import { BindingRefused } from '../binding-refused.ts'
import type { BindRequest, PortBinding } from '../port-binding.ts'

/** `binding:vif_type` `unbound`: Neutron has not been told, or did not heed, on which host the port is. */
export const unboundBinding: PortBinding = {
  bind({ port }: BindRequest) {
    const what = `port ${port.id} is not bound to a host (binding:vif_type is unbound)`
    const host = JSON.stringify(port['binding:host_id'])
    const checks = [
      `that binding:host_id was accepted: it is ${host} (setting it needs the admin or service role, or a policy of Neutron that allows it)`,
      `that [ml2] mechanism_drivers of neutron-server is not empty`,
      `and that an agent of this host is alive (openstack network agent list)`,
    ]
    return Promise.reject(new BindingRefused(`${what}: check ${checks.join('; ')}`))
  },
  unbind: () => Promise.resolve(),
}
