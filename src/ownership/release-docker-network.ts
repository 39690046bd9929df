import type { Call, Neutron } from '../neutron/neutron.ts'
import type { DockerNetwork } from './docker-network.ts'
import { dockerIdTags } from './marks.ts'
import { releaseAdoptedNetwork } from './release-adopted-network.ts'
import { releaseMadeNetwork } from './release-made-network.ts'
import { releaseNetwork } from './release-network.ts'
import { releasePoolAndSubnets } from './release-subnet.ts'

/**
 * Ends everything of a Docker network in the network service, as its DeleteNetwork does. Done before is success.
 *
 * @param what.known what belongs to it, seen however long ago; without it, all is looked for step by step
 * @returns whether nothing of the Docker network is left.
 */
export async function releaseDockerNetwork(
  neutron: Neutron,
  { dockerId, known }: { dockerId: string; known: DockerNetwork | undefined },
  call: Call,
): Promise<boolean> {
  if (known && (await releaseWhole(neutron, known, call))) return true
  const pools = await neutron.subnetpools.list({ tags: dockerIdTags(dockerId) }, call)
  for (const pool of pools) await releasePoolAndSubnets(neutron, pool, call)
  return releaseNetwork(neutron, dockerId, call)
}

/**
 * Ends a Docker network of which all is known, in few requests.
 *
 * @param known its network and pools, which are never others; what others can change is looked at
 * @returns false where it is to be ended step by step.
 */
export async function releaseWhole(neutron: Neutron, known: DockerNetwork, call: Call): Promise<boolean> {
  return (await releaseMadeNetwork(neutron, known, call)) || (await releaseAdoptedNetwork(neutron, known, call))
}
