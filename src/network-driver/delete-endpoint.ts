import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { EndpointRequest } from '../docker-plugin/network-driver-messages.ts'
import { mayBeHere } from '../port-binding/port-binding.ts'
import type { NetworkContext } from './context.ts'
import { findEndpointPort } from './find-endpoint.ts'
import { endPublished } from './revoke-external-connectivity.ts'

/**
 * `NetworkDriver.DeleteEndpoint`: unplugs the port; ReleaseAddress, which follows, deletes it. An endpoint that is not
 * known, or lives on another host (`docker network disconnect -f`), is success.
 */
export async function deleteEndpoint(
  context: NetworkContext,
  request: EndpointRequest,
  call: PluginCall,
): Promise<void> {
  const port = await findEndpointPort(context, request, call)
  endPublished(context, { endpointId: request.EndpointID, port })
  if (!port) return
  if (mayBeHere(context.binding, port, context.options.host)) {
    await context.binding.unbind({ portId: port.id, networkId: port.network_id }, call)
  }
  context.endpoints.end(request.EndpointID, port.id)
}
