import type { AccessServices } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import { accessOf } from './access-marks.ts'
import type { DockerNetwork } from './docker-network.ts'
import { dockerIdTags } from './marks.ts'
import { releaseAdoptedNetwork } from './release-adopted-network.ts'
import { releaseFloatingIps } from './release-floating-ips.ts'
import { releaseMadeNetwork } from './release-made-network.ts'
import { releaseNetwork } from './release-network.ts'
import { releasePoolAndSubnets } from './release-subnet.ts'

/** Where a Docker network has what is to be ended. */
export interface NetworkServices {
  neutron: Neutron
  access: AccessServices | undefined
}

/**
 * Ends everything of a Docker network in the network service, as its DeleteNetwork does. Done before is success.
 *
 * @param what.known what belongs to it, seen however long ago; without it, all is looked for step by step
 * @returns whether nothing of the Docker network is left.
 */
export async function releaseDockerNetwork(
  services: NetworkServices,
  { dockerId, known }: { dockerId: string; known: DockerNetwork | undefined },
  call: Call,
): Promise<boolean> {
  if (known && (await releaseWhole(services, known, call))) return true
  const { neutron, access } = services
  const pools = await neutron.subnetpools.list({ tags: dockerIdTags(dockerId) }, call)
  const { publish } = accessOf(pools.flatMap(({ tags }) => tags))
  if (!known) await releaseFloatingIps(access, { dockerId, publish }, call)
  for (const pool of pools) await releasePoolAndSubnets(neutron, pool, call)
  return releaseNetwork(neutron, dockerId, call)
}

/**
 * Ends a Docker network of which all is known, in few requests. Its floating IP goes first, and in any case.
 *
 * @param known its network and pools, which are never others; what others can change is looked at
 * @returns false where it is to be ended step by step.
 */
export async function releaseWhole(
  { neutron, access }: NetworkServices,
  known: DockerNetwork,
  call: Call,
): Promise<boolean> {
  await releaseFloatingIps(access, known, call)
  return (await releaseMadeNetwork(neutron, known, call)) || (await releaseAdoptedNetwork(neutron, known, call))
}
