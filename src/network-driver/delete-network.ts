import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { NetworkRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import { findOneDockerNetwork } from '../ownership/docker-network.ts'
import { releaseDockerNetwork } from '../ownership/release-docker-network.ts'
import type { NetworkContext } from './context.ts'

/**
 * `NetworkDriver.DeleteNetwork`: ends everything of the Docker network. Docker up to 20.10.22 calls it before
 * ReleasePool, newer ones after: whichever comes first does the work, the other finds nothing.
 */
export async function deleteNetwork(
  context: NetworkContext,
  { NetworkID }: NetworkRequest,
  call: PluginCall,
): Promise<void> {
  if (context.networks.hasEnded(NetworkID)) return
  try {
    await endNetwork(context, NetworkID, call)
  } catch (error) {
    // Docker forgets the network all the same.
    context.later.add(`deletion of network ${NetworkID}`, signal => endNetwork(context, NetworkID, { signal }))
    throw error
  }
}

async function endNetwork({ neutron, access, networks }: NetworkContext, dockerId: string, call: Call): Promise<void> {
  const known = networks.lastSeen(dockerId) ?? (await findOneDockerNetwork(neutron, dockerId, call))
  const ended = await releaseDockerNetwork({ neutron, access }, { dockerId, known }, call)
  if (ended) networks.end({ dockerId, pools: known?.pools ?? [] })
  else networks.forget(dockerId)
}
