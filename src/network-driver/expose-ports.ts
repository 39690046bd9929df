import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { JoinRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Port } from '../neutron/resources.ts'
import type { ToExpose } from '../port-access/port-exposure.ts'
import type { NetworkContext } from './context.ts'

/** Changes the port so that what is exposed is open too, where the network service closes anything. */
export function exposing({ exposure }: NetworkContext, toExpose: ToExpose, call: PluginCall): Promise<Port> {
  return exposure ? exposure.expose(toExpose, call) : toExpose.change({})
}

/**
 * Opens what CreateEndpoint did not: Docker told it nothing of exposed ports of a container's second network, or of an
 * internal one; or the daemon was started anew meanwhile. One request more; none where all is open.
 *
 * @returns the port as it is then
 */
export async function exposeLate(
  context: NetworkContext,
  { port, request }: { port: Port; request: JoinRequest },
  call: PluginCall,
): Promise<Port> {
  const { exposure, neutron } = context
  const exposed = exposure?.read(request.Options) ?? []
  if (!exposure || exposure.isOpen(port.id, exposed)) return port
  const change = (groups: { security_groups?: string[] }): Promise<Port> =>
    groups.security_groups ? neutron.ports.update(port.id, groups, call) : Promise.resolve(port)
  return exposure.expose({ port, exposed, groups: port.security_groups, change }, call)
}
