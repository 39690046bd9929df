import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { ExternalConnectivityRequest } from '../docker-plugin/network-driver-messages.ts'
import { knownDockerNetwork } from '../ownership/known-network.ts'
import { asksToPublish } from '../port-access/published-ports.ts'
import type { NetworkContext } from './context.ts'
import { unknownNetwork } from './create-endpoint.ts'
import { publishEndpoint } from './publish-endpoint.ts'

/**
 * `NetworkDriver.ProgramExternalConnectivity`: publishes the container's ports (`-p`), where the options of its network
 * say how. Where they do not, the container starts all the same, as it does with Python Kuryr, and the log says so.
 */
export async function programExternalConnectivity(
  context: NetworkContext,
  request: ExternalConnectivityRequest,
  call: PluginCall,
): Promise<void> {
  if (!asksToPublish(request.Options)) return
  const dockerNetwork = context.publishing && (await knownDockerNetwork(context, request.NetworkID, call))
  if (context.publishing && !dockerNetwork) throw unknownNetwork(request.NetworkID)
  if (dockerNetwork?.publish) await publishEndpoint(context, { request, dockerNetwork }, call)
  else tellIgnored(context, request, call)
}

function tellIgnored(
  { publishing, portOutcomes }: NetworkContext,
  { EndpointID, Options }: ExternalConnectivityRequest,
  { log }: PluginCall,
): void {
  const asked = Options?.['com.docker.network.portmap']
  portOutcomes.add(EndpointID, 'ignored', Array.isArray(asked) ? asked.length : 1)
  const todo = publishing
    ? 'reach the container at its own address, or make the network with -o kuryr.publish=floating-ip'
    : 'reach the container at its own address'
  log.warn({ endpointId: EndpointID, published: asked }, `published ports (-p) have no effect on this network: ${todo}`)
}
