import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { NetworkRequest } from '../docker-plugin/network-driver-messages.ts'
import { dockerIdTags } from '../ownership/marks.ts'
import { releaseNetwork } from '../ownership/release-network.ts'
import { releasePoolAndSubnets } from '../ownership/release-subnet.ts'
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
  const pools = await neutron.subnetpools.list({ tags: dockerIdTags(request.NetworkID) }, call)
  for (const pool of pools) await releasePoolAndSubnets(neutron, pool, call)
  await releaseNetwork(neutron, request.NetworkID, call)
}
