import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Subnet, SubnetPool } from '../neutron/resources.ts'
import { type DockerNetwork, findDockerNetwork, findDockerNetworkOfPool, lookAgain } from './docker-network.ts'
import { dockerIdOf } from './marks.ts'
import type { NetworkLedger } from './network-ledger.ts'
import { subnetOfPool } from './subnet-of-pool.ts'

interface Sources {
  neutron: Neutron
  networks: NetworkLedger
}

/** As {@link findDockerNetwork}, from memory where it is fresh. */
export async function knownDockerNetwork(
  sources: Sources,
  dockerId: string,
  call: Call,
): Promise<DockerNetwork | undefined> {
  const { neutron, networks } = sources
  const known = networks.get(dockerId) ?? (await refreshed(sources, networks.lastSeen(dockerId), call))
  if (known) return known
  const found = await findDockerNetwork(neutron, dockerId, call)
  if (found) networks.add(found)
  return found
}

/** What was seen before is looked at anew: in fewer requests than it was found with. */
async function refreshed(
  { neutron, networks }: Sources,
  before: DockerNetwork | undefined,
  call: Call,
): Promise<DockerNetwork | undefined> {
  const now = before && (await lookAgain(neutron, before, call))
  if (now) networks.add(now)
  return now
}

/** Where a Docker pool's addresses come from. */
export interface PlaceOfPool {
  subnet: Subnet
  /** `undefined` for a pool of Python Kuryr's, which does not say whose it is. */
  dockerNetwork: DockerNetwork | undefined
}

/** The subnet that a PoolID stands for, with its Docker network: from memory where that is fresh. */
export async function placeOfPool(sources: Sources, poolId: string, call: Call): Promise<PlaceOfPool | undefined> {
  const { neutron, networks } = sources
  const known = networks.ofPool(poolId) ?? (await refreshed(sources, networks.lastSeenOfPool(poolId), call))
  const subnet = known && subnetIn(known, poolId)
  if (subnet) return { subnet, dockerNetwork: known }
  const [pool] = await neutron.subnetpools.list({ id: poolId }, call)
  const dockerId = pool && dockerIdOf(pool.tags)
  const dockerNetwork =
    pool && dockerId !== undefined ? await ofFoundPool(sources, { dockerId, pool }, call) : undefined
  const found = (dockerNetwork && subnetIn(dockerNetwork, poolId)) ?? (await subnetOfPool(neutron, poolId, call))
  return found && { subnet: found, dockerNetwork }
}

async function ofFoundPool(
  { neutron, networks }: Sources,
  what: { dockerId: string; pool: SubnetPool },
  call: Call,
): Promise<DockerNetwork | undefined> {
  const known = networks.get(what.dockerId)
  if (known) return known
  const found = await findDockerNetworkOfPool(neutron, what, call)
  if (found) networks.add(found)
  return found
}

function subnetIn({ subnets }: DockerNetwork, poolId: string): Subnet | undefined {
  return subnets.find(({ tags }) => tags.includes(poolId))
}
