import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { NetworkRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import { releaseDockerNetwork } from '../ownership/release-docker-network.ts'
import { releaseMadeNetwork } from '../ownership/release-made-network.ts'
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

async function endNetwork({ neutron, networks }: NetworkContext, dockerId: string, call: Call): Promise<void> {
  const made = networks.madeHereAs(dockerId)
  if (made && (await releaseMadeNetwork(neutron, made, call))) {
    networks.end(made)
    return
  }
  networks.forget(dockerId)
  await releaseDockerNetwork(neutron, dockerId, call)
}
