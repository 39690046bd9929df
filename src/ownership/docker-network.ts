import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Network, Subnet, SubnetPool } from '../neutron/resources.ts'
import { accessOf, type NetworkAccess } from './access-marks.ts'
import { dockerIdTags, INTERNAL_TAG, usersOfSubnet } from './marks.ts'

/** A Docker network as the network service has it: found by marks alone, so on any host. */
export interface DockerNetwork extends NetworkAccess {
  dockerId: string
  network: Network
  /** One per address family and `--subnet`; its id is Docker's PoolID. */
  pools: SubnetPool[]
  subnets: Subnet[]
  /** Made with `--internal`: no default route. */
  internal: boolean
}

/**
 * Finds what belongs to Docker's network id, or `undefined` where no network carries its marks.
 *
 * @throws {RangeError} when several do.
 */
export async function findDockerNetwork(
  neutron: Neutron,
  dockerId: string,
  call: Call,
): Promise<DockerNetwork | undefined> {
  const tags = dockerIdTags(dockerId)
  const [networks, pools] = await Promise.all([
    neutron.networks.list({ tags }, call),
    neutron.subnetpools.list({ tags }, call),
  ])
  const network = onlyOne(networks, dockerId)
  if (network === undefined) return undefined
  const all = await neutron.subnets.list({ network_id: network.id }, call)
  return { dockerId, network, subnets: subnetsOf(pools, all), ...toldBy(pools) }
}

/**
 * As {@link findDockerNetwork}, where a pool of it is known: its other pools are asked for only if subnets of the network
 * have other users.
 */
export async function findDockerNetworkOfPool(
  neutron: Neutron,
  { dockerId, pool }: { dockerId: string; pool: SubnetPool },
  call: Call,
): Promise<DockerNetwork | undefined> {
  const tags = dockerIdTags(dockerId)
  const network = onlyOne(await neutron.networks.list({ tags }, call), dockerId)
  if (network === undefined) return undefined
  const all = await neutron.subnets.list({ network_id: network.id }, call)
  const alone = all.every(subnet => usersOfSubnet(subnet.tags).every(user => user === pool.id))
  const pools = alone ? [pool] : await neutron.subnetpools.list({ tags }, call)
  return { dockerId, network, subnets: subnetsOf(pools, all), ...toldBy(pools) }
}

function onlyOne(networks: Network[], dockerId: string): Network | undefined {
  if (networks.length < 2) return networks[0]
  const ids = networks.map(({ id }) => id).join(', ')
  throw new SeveralNetworks(
    `several Neutron networks (${ids}) carry the tags of Docker network ${dockerId}: remove them from all but one`,
  )
}

class SeveralNetworks extends RangeError {}

/** As {@link findDockerNetwork}; `undefined` also where several networks carry its marks. */
export async function findOneDockerNetwork(
  neutron: Neutron,
  dockerId: string,
  call: Call,
): Promise<DockerNetwork | undefined> {
  try {
    return await findDockerNetwork(neutron, dockerId, call)
  } catch (error) {
    if (error instanceof SeveralNetworks) return undefined
    throw error
  }
}

/**
 * What can have changed of a Docker network that was found before: its Neutron network and subnets. `undefined` where
 * that network is gone or does not carry its marks any more.
 */
export async function lookAgain(
  neutron: Neutron,
  before: DockerNetwork,
  call: Call,
): Promise<DockerNetwork | undefined> {
  const { dockerId, pools } = before
  const [[network], all] = await Promise.all([
    neutron.networks.list({ id: before.network.id, tags: dockerIdTags(dockerId) }, call),
    neutron.subnets.list({ network_id: before.network.id }, call),
  ])
  return network && { ...before, network, subnets: subnetsOf(pools, all) }
}

/** What the Docker network's pools say of it. */
function toldBy(pools: SubnetPool[]): Pick<DockerNetwork, 'pools' | 'internal' | keyof NetworkAccess> {
  return { pools, internal: pools.some(isInternal), ...accessOf(pools.flatMap(({ tags }) => tags)) }
}

function isInternal(pool: SubnetPool): boolean {
  return pool.tags.includes(INTERNAL_TAG)
}

/** Python Kuryr does not tag its pools with Docker's id: there, every subnet that a pool uses counts. */
function subnetsOf(pools: SubnetPool[], subnets: Subnet[]): Subnet[] {
  const ids = new Set(pools.map(({ id }) => id))
  return subnets.filter(({ tags }) => {
    const users = usersOfSubnet(tags)
    return ids.size === 0 ? users.length > 0 : users.some(user => ids.has(user))
  })
}
