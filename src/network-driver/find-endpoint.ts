import type { EndpointRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import type { NetworkContext } from './context.ts'

/** The endpoint's port: from memory, else (after a restart, or on another host) from the network service. */
export async function findEndpointPort(
  { neutron, endpoints, networks }: NetworkContext,
  { EndpointID }: EndpointRequest,
  call: Call,
): Promise<Port | undefined> {
  const known = endpoints.get(EndpointID)
  if (known) return known.port
  const [port] = await neutron.ports.list({ device_id: EndpointID }, call)
  // ReleaseAddress, which may follow, then need not look for it.
  if (port && networks.remembers) endpoints.setPort(port)
  return port
}
