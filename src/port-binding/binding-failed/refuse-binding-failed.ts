import { BindingRefused } from '../binding-refused.ts'
import type { BindRequest, PortBinding } from '../port-binding.ts'

/** `binding:vif_type` `binding_failed`: no mechanism driver of Neutron could bind the port to this host. */
export const refuseBindingFailed: PortBinding = {
  bind({ port }: BindRequest) {
    const host = JSON.stringify(port['binding:host_id'])
    const what = `Neutron could not bind port ${port.id} to host ${host} (binding:vif_type is binding_failed)`
    const check = `check that an L2 agent or OVN controller of exactly that host name is alive (openstack network agent list)`
    const further = `that it has the port's physical network, and neutron-server's log`
    return Promise.reject(new BindingRefused(`${what}: ${check}, ${further}`))
  },
  unbind: () => Promise.resolve(),
}
