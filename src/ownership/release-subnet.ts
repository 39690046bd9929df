import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Subnet, SubnetPool } from '../neutron/resources.ts'
import { ifThere } from './if-there.ts'
import {
  ADOPTED_PORT_TAG,
  AUXILIARY_DEVICE_OWNER,
  CREATED_PORT_TAG,
  createdSubnetName,
  dockerIdOf,
  dockerIdTags,
  hasDockerId,
  poolsOfPort,
  RELEASED_POOL_TAG,
  usersOfSubnet,
} from './marks.ts'
import { releasePort } from './release-port.ts'

/**
 * Ends a Docker network's use of its pool: takes the pool's id from its subnets, deletes those that we made and nobody
 * else uses, then the pool itself. Every step may have been done before.
 *
 * @throws {NeutronError} `SubnetInUse` when ports are still in the subnet; the pool is then kept too.
 */
export async function releasePoolAndSubnets(neutron: Neutron, pool: SubnetPool, call: Call): Promise<void> {
  const [tagged, allocated] = await Promise.all([
    neutron.subnets.list({ tags: [pool.id] }, call),
    neutron.subnets.list({ subnetpool_id: pool.id }, call),
  ])
  const subnets = new Map([...tagged, ...allocated].map(subnet => [subnet.id, subnet]))
  for (const subnet of subnets.values()) await releaseSubnet(neutron, { subnet, pool }, call)
  await deletePool(neutron, pool, call)
}

async function releaseSubnet(
  neutron: Neutron,
  { subnet, pool }: { subnet: Subnet; pool: SubnetPool },
  call: Call,
): Promise<void> {
  await releasePorts(neutron, { subnet, pool }, call)
  const gone = await leaveSubnet(neutron, { subnet, poolId: pool.id }, call)
  if (gone) await deleteReleasedPools(neutron, { subnets: [subnet], own: [pool] }, call)
}

/**
 * Ends one pool's use of the subnet, and with it the subnet, if we made it and nobody else uses it.
 *
 * @returns whether the subnet is gone.
 */
export async function leaveSubnet(
  neutron: Neutron,
  { subnet, poolId }: { subnet: Subnet; poolId: string },
  call: Call,
): Promise<boolean> {
  const others = usersOfSubnet(subnet.tags).filter(user => user !== poolId)
  const created = subnet.name === createdSubnetName(subnet.cidr)
  if (others.length > 0 || !created) {
    await ifThere(neutron.subnets.removeTags(subnet.id, [poolId], call))
    // The others may have gone at the same moment: of several, the last to look finds none.
    if (!created || (await hasUsers(neutron, subnet, call))) return false
  }
  await ifThere(neutron.subnets.delete(subnet.id, call))
  return true
}

async function hasUsers(neutron: Neutron, { id }: Subnet, call: Call): Promise<boolean> {
  const [now] = await neutron.subnets.list({ id }, call)
  return now !== undefined && usersOfSubnet(now.tags).length > 0
}

/**
 * Ports that hold an `--aux-address` of this Docker network, or an address of its pool: Docker removes no network that has
 * endpoints, so they are left over. Once the last user of the subnet goes, every port of ours is.
 */
async function releasePorts(
  neutron: Neutron,
  { subnet, pool }: { subnet: Subnet; pool: SubnetPool },
  call: Call,
): Promise<void> {
  const dockerId = dockerIdOf(pool.tags)
  const marks = dockerId === undefined ? [] : dockerIdTags(dockerId)
  const last = usersOfSubnet(subnet.tags).every(user => user === pool.id)
  const ports = await neutron.ports.list(
    {
      network_id: subnet.network_id,
      fixed_ips: [`subnet_id=${subnet.id}`],
      'tags-any': [CREATED_PORT_TAG, ADOPTED_PORT_TAG, ...marks],
    },
    call,
  )
  for (const port of ports) {
    const auxiliary = port.device_owner === AUXILIARY_DEVICE_OWNER && marks.every(mark => port.tags.includes(mark))
    if (auxiliary && marks.length > 0) await ifThere(neutron.ports.delete(port.id, call))
    else if (last || poolsOfPort(port.tags).includes(pool.id)) await releasePort(neutron, port, call)
  }
}

/** Deletes the pool; if a subnet that others use was allocated from it, the last of them deletes it. */
export async function deletePool(neutron: Neutron, pool: SubnetPool, call: Call): Promise<void> {
  try {
    await ifThere(neutron.subnetpools.delete(pool.id, call))
  } catch (error) {
    if (!isPoolInUse(error)) throw error
    await neutron.subnetpools.addTags(pool.id, [RELEASED_POOL_TAG], call)
    const dockerId = dockerIdOf(pool.tags)
    if (dockerId !== undefined) await neutron.subnetpools.removeTags(pool.id, dockerIdTags(dockerId), call)
  }
}

/** OpenStack's Neutron says it with SubnetPoolDeleteError (400). */
function isPoolInUse(error: unknown): boolean {
  return error instanceof NeutronError && (error.type === 'SubnetPoolDeleteError' || error.type === 'SubnetPoolInUse')
}

/** The pools of others that these subnets, which are gone, were allocated from: they go too, if their Docker networks went before. */
export async function deleteReleasedPools(
  neutron: Neutron,
  { subnets, own }: { subnets: Subnet[]; own: SubnetPool[] },
  call: Call,
): Promise<void> {
  for (const id of new Set(subnets.map(({ subnetpool_id }) => subnetpool_id))) {
    if (id !== null && !own.some(pool => pool.id === id)) await deleteReleasedPool(neutron, id, call)
  }
}

async function deleteReleasedPool(neutron: Neutron, poolId: string, call: Call): Promise<void> {
  const [pool] = await neutron.subnetpools.list({ id: poolId, tags: [RELEASED_POOL_TAG] }, call)
  if (pool && !hasDockerId(pool.tags)) await ifThere(neutron.subnetpools.delete(poolId, call))
}
