import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { JoinRequest } from '../docker-plugin/network-driver-messages.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { knownDockerNetwork } from '../ownership/known-network.ts'
import { publishPorts } from '../port-access/publish-ports.ts'
import { asksToPublish, readPublishedPorts } from '../port-access/published-ports.ts'
import type { NetworkContext } from './context.ts'
import { findEndpointPort } from './find-endpoint.ts'

type Request = Pick<JoinRequest, 'NetworkID' | 'EndpointID' | 'Options'>

/**
 * Publishes at Join what Docker is about to ask for: up to 20.10 it forgets to take back an endpoint whose
 * ProgramExternalConnectivity fails, and its name and network stay occupied; a Join that fails it takes back. Only of the
 * endpoint that is certain to become the container's gateway, which is the one that CreateEndpoint told of the ports.
 */
export async function publishAhead(context: NetworkContext, request: Request, call: PluginCall): Promise<void> {
  const isFirst = context.endpoints.get(request.EndpointID)?.asksToPublish === true
  if (!isFirst || !context.publishing || !asksToPublish(request.Options)) return
  const dockerNetwork = await knownDockerNetwork(context, request.NetworkID, call)
  if (dockerNetwork?.publish) await publishEndpoint(context, { request, dockerNetwork }, call)
}

/** Publishes the ports of an endpoint whose network says how; done before is success. */
export async function publishEndpoint(
  context: NetworkContext,
  { request, dockerNetwork }: { request: Request; dockerNetwork: DockerNetwork },
  call: PluginCall,
): Promise<void> {
  const { publishing, portOutcomes } = context
  const { EndpointID: endpointId, Options } = request
  if (!publishing || publishing.published.has(endpointId)) return
  let count = 1
  try {
    const ports = readPublishedPorts(Options)
    count = ports.length
    const port = await findEndpointPort(context, request, call)
    if (!port) throw new PluginError(409, `no port belongs to endpoint ${endpointId}: it was removed from Neutron`)
    await publishPorts(publishing, { dockerNetwork, endpointId, port, ports }, call)
    portOutcomes.add(endpointId, 'forwarded', count)
  } catch (error) {
    portOutcomes.add(endpointId, 'refused', count)
    throw error
  }
}
