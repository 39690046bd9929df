import { BindingRefused } from '../binding-refused.ts'
import type { BindRequest, PortBinding } from '../port-binding.ts'

/** `binding:vif_type` `binding_failed`: no mechanism driver of Neutron could bind the port to this host. */
export const bindingFailedBinding: PortBinding = {
  bind({ port, network }: BindRequest) {
    const host = JSON.stringify(port['binding:host_id'])
    const kind = network['provider:network_type']
    const checks = [
      `that an L2 agent or OVN controller is alive whose host is exactly ${host} (openstack network agent list; [DEFAULT] host in kuryr.conf must be the same)`,
      `that [ml2] mechanism_drivers of neutron-server has the driver of that agent`,
      `that the agent can carry ${kind === undefined ? 'the network' : `a network of type ${JSON.stringify(kind)}`} (tunnel_types, bridge mappings, physical network)`,
      `and what neutron-server's log says of port ${port.id}`,
    ]
    const what = `Neutron could not bind port ${port.id} to host ${host} (binding:vif_type is binding_failed)`
    return Promise.reject(new BindingRefused(`${what}: check ${checks.join('; ')}`))
  },
  unbind: () => Promise.resolve(),
}
