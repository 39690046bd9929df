import type { Call, Neutron } from '../neutron/neutron.ts'
import { dockerIdTags } from './marks.ts'
import { releaseNetwork } from './release-network.ts'
import { releasePoolAndSubnets } from './release-subnet.ts'

/** Ends everything of a Docker network in the network service, as its DeleteNetwork does. Done before is success. */
export async function releaseDockerNetwork(neutron: Neutron, dockerId: string, call: Call): Promise<void> {
  const pools = await neutron.subnetpools.list({ tags: dockerIdTags(dockerId) }, call)
  for (const pool of pools) await releasePoolAndSubnets(neutron, pool, call)
  await releaseNetwork(neutron, dockerId, call)
}
