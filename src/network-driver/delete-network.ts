import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { NetworkRequest } from '../docker-plugin/network-driver-messages.ts'
import { releaseDockerNetwork } from '../ownership/release-docker-network.ts'
import type { NetworkContext } from './context.ts'

/**
 * `NetworkDriver.DeleteNetwork`: ends everything of the Docker network. Docker up to 20.10.22 calls it before
 * ReleasePool, newer ones after: whichever comes first does the work, the other finds nothing.
 */
export async function deleteNetwork(
  { neutron }: NetworkContext,
  request: NetworkRequest,
  call: PluginCall,
): Promise<void> {
  await releaseDockerNetwork(neutron, request.NetworkID, call)
}
