import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { EndpointRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { knownDockerNetwork } from '../ownership/known-network.ts'
import { ADOPTED_PORT_TAG } from '../ownership/marks.ts'
import type { PublishingContext } from '../port-access/publishing-context.ts'
import { withdrawForwardings, withdrawPort } from '../port-access/withdraw-ports.ts'
import type { NetworkContext } from './context.ts'
import { findEndpointPort } from './find-endpoint.ts'

/**
 * `NetworkDriver.RevokeExternalConnectivity`: the container's ports are no longer published by this endpoint. Docker
 * sends it when the container stops, and when another of its networks becomes its gateway.
 */
export async function revokeExternalConnectivity(
  context: NetworkContext,
  request: EndpointRequest,
  call: PluginCall,
): Promise<void> {
  const { publishing, portOutcomes, later } = context
  portOutcomes.forget(request.EndpointID)
  if (!publishing) return
  const { published } = publishing
  const known = published.get(request.EndpointID)
  try {
    await withdraw(context, publishing, request, call)
  } catch (error) {
    // Docker does not ask again; but it may ask to publish again, meanwhile.
    later.add(`withdrawal of the published ports of endpoint ${request.EndpointID}`, async signal => {
      if (published.get(request.EndpointID) === known) await withdraw(context, publishing, request, { signal })
    })
    throw error
  }
}

/**
 * The endpoint ends. After a crash of dockerd that comes without RevokeExternalConnectivity: of a port that is about to be
 * deleted Neutron removes the forwardings itself; one that is given back to the operator must lose ours.
 */
export function endPublished(
  { publishing, portOutcomes, later }: NetworkContext,
  { endpointId, port }: { endpointId: string; port: Port | undefined },
): void {
  portOutcomes.forget(endpointId)
  const left = publishing?.published.get(endpointId)
  if (!publishing || !left) return
  publishing.published.delete(endpointId)
  if (!port?.tags.includes(ADOPTED_PORT_TAG)) return
  later.add(`withdrawal of what endpoint ${endpointId} left published at its end`, signal =>
    withdrawForwardings(publishing.access, left, { signal }),
  )
}

async function withdraw(
  context: NetworkContext,
  publishing: PublishingContext,
  request: EndpointRequest,
  call: Call,
): Promise<void> {
  const { access, published } = publishing
  const known = published.get(request.EndpointID)
  if (known) {
    await withdrawForwardings(access, known, call)
    published.delete(request.EndpointID)
    return
  }
  // Of an endpoint that was made here everything is known, and nothing was published.
  if (context.endpoints.get(request.EndpointID)) return
  const dockerNetwork = await knownDockerNetwork(context, request.NetworkID, call)
  if (!dockerNetwork?.publish) return
  const port = await findEndpointPort(context, request, call)
  if (port) await withdrawPort(access, { dockerNetwork, portId: port.id }, call)
}
