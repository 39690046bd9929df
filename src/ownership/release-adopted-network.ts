import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import type { DockerNetwork } from './docker-network.ts'
import { ifThere } from './if-there.ts'
import {
  ADOPTED_PORT_TAG,
  adoptedNetworkTag,
  CREATED_NETWORK_TAG,
  CREATED_PORT_TAG,
  createdSubnetName,
  dockerIdTags,
  poolsOfPort,
  usersOfSubnet,
} from './marks.ts'
import { deletePool, deleteReleasedPools } from './release-subnet.ts'

/**
 * Ends a Docker network in a Neutron network that others made, in few requests: one look at what is still of it in the
 * operator's subnets, or at who else uses those that we made, then only what takes its marks away. The mark that keeps
 * the network from being deleted goes last; all pools go at once, as in {@link releaseMadeNetwork}.
 *
 * @returns false where something is not as it was made (a port of a container is left, another Docker network uses a
 * subnet that we made): then it is to be ended step by step.
 */
export async function releaseAdoptedNetwork(neutron: Neutron, known: DockerNetwork, call: Call): Promise<boolean> {
  const { dockerId, network, pools, subnets } = known
  const adopted = network.tags.includes(adoptedNetworkTag(dockerId)) && !network.tags.includes(CREATED_NETWORK_TAG)
  if (!adopted) return false
  const made = subnets.filter(({ name, cidr }) => name === createdSubnetName(cidr))
  const operators = subnets.filter(subnet => !made.includes(subnet))
  const [alone, empty] = await Promise.all([
    made.length === 0 || areAlone(neutron, { known, made }, call),
    operators.length === 0 || areEmpty(neutron, { known, subnets: operators }, call),
  ])
  if (!alone || !empty) return false
  for (const subnet of made) if (!(await deleteUnused(neutron, subnet, call))) return false
  await deleteReleasedPools(neutron, { subnets: made, own: pools }, call)
  for (const { id, tags } of operators) {
    const own = usersOfSubnet(tags).filter(user => pools.some(pool => pool.id === user))
    await ifThere(neutron.subnets.removeTags(id, own, call))
  }
  for (const pool of pools) await deletePool(neutron, pool, call)
  await ifThere(neutron.networks.removeTags(network.id, [...dockerIdTags(dockerId), adoptedNetworkTag(dockerId)], call))
  return true
}

/** Whether these subnets, which Kuryr made, are used by this Docker network only. */
async function areAlone(
  neutron: Neutron,
  { known, made }: { known: DockerNetwork; made: Subnet[] },
  call: Call,
): Promise<boolean> {
  const own = new Set(known.pools.map(({ id }) => id))
  const now = await neutron.subnets.list({ network_id: known.network.id }, call)
  return now
    .filter(({ id }) => made.some(subnet => subnet.id === id))
    .every(({ tags }) => usersOfSubnet(tags).every(user => own.has(user)))
}

/** Whether no port of ours in these subnets may be this Docker network's: those of its containers, and of `--aux-address`. */
async function areEmpty(
  neutron: Neutron,
  { known, subnets }: { known: DockerNetwork; subnets: Subnet[] },
  call: Call,
): Promise<boolean> {
  const ports = await neutron.ports.list(
    {
      network_id: known.network.id,
      fixed_ips: subnets.map(({ id }) => `subnet_id=${id}`),
      'tags-any': [CREATED_PORT_TAG, ADOPTED_PORT_TAG, ...dockerIdTags(known.dockerId)],
    },
    call,
  )
  return ports.every(port => isOfOthers(port, known))
}

/** Python Kuryr does not say of which Docker network a port is: it may be of any. */
function isOfOthers({ tags }: Port, { pools }: DockerNetwork): boolean {
  const users = poolsOfPort(tags)
  return users.length > 0 && !pools.some(({ id }) => users.includes(id))
}

async function deleteUnused(neutron: Neutron, { id }: Subnet, call: Call): Promise<boolean> {
  try {
    await ifThere(neutron.subnets.delete(id, call))
    return true
  } catch (error) {
    if (error instanceof NeutronError && error.type === 'SubnetInUse') return false
    throw error
  }
}
