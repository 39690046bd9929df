import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { ReleasePoolRequest } from '../docker-plugin/ipam-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import type { SubnetPool } from '../neutron/resources.ts'
import { accessOf } from '../ownership/access-marks.ts'
import { type DockerNetwork, findOneDockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { dockerIdOf } from '../ownership/marks.ts'
import { releaseWhole } from '../ownership/release-docker-network.ts'
import { releaseFloatingIps } from '../ownership/release-floating-ips.ts'
import { releaseNetwork } from '../ownership/release-network.ts'
import { releasePoolAndSubnets } from '../ownership/release-subnet.ts'
import type { IpamContext } from './context.ts'

/**
 * `IpamDriver.ReleasePool`: the Docker network gives the pool back. Its subnet goes with it if we made it and no other
 * Docker network counts on it; with the last pool, what is left of the Docker network, because Docker may never send
 * DeleteNetwork (after a failed create it does not). A pool that is not there is success.
 */
export async function releasePool(context: IpamContext, request: ReleasePoolRequest, call: PluginCall): Promise<void> {
  const { pools, networks, later } = context
  pools.forget(request.PoolID)
  if (networks.hasEnded(request.PoolID)) return
  try {
    await endPool(context, request.PoolID, call)
  } catch (error) {
    // Docker forgets the pool all the same.
    later.add(`release of pool ${request.PoolID}`, signal => endPool(context, request.PoolID, { signal }))
    throw error
  }
}

async function endPool(context: IpamContext, poolId: string, call: Call): Promise<void> {
  const { neutron, access, networks } = context
  const seen = networks.lastSeenOfPool(poolId)
  if (seen && (await releaseWhole(context, seen, call))) {
    networks.end(seen)
    return
  }
  networks.forgetPool(poolId)
  const pool = await ifThere(neutron.subnetpools.show(poolId, call))
  if (!pool) return
  const dockerId = dockerIdOf(pool.tags)
  const found = dockerId === undefined || seen ? undefined : await findOneDockerNetwork(neutron, dockerId, call)
  if (found && isComplete(found) && (await releaseWhole(context, found, call))) {
    networks.end(found)
    return
  }
  if (dockerId !== undefined && !seen && !found) {
    await releaseFloatingIps(access, { dockerId, publish: accessOf(pool.tags).publish }, call)
  }
  await releasePoolAndSubnets(neutron, pool, call)
  if (dockerId !== undefined) await endNetworkOf(context, { pool, dockerId }, call)
}

/** A pool without a subnet is of a CreateNetwork that failed: it goes alone, and what was there before stays. */
function isComplete({ pools, subnets }: DockerNetwork): boolean {
  return pools.every(({ id }) => subnets.some(({ tags }) => tags.includes(id)))
}

async function endNetworkOf(
  { neutron, networks, later }: IpamContext,
  { pool, dockerId }: { pool: SubnetPool; dockerId: string },
  call: Call,
): Promise<void> {
  try {
    if (await releaseNetwork(neutron, dockerId, call)) networks.end({ dockerId, pools: [pool] })
  } catch (error) {
    // The pool, which would tell of the network, is gone.
    later.add(`release of network ${dockerId}`, signal => releaseNetwork(neutron, dockerId, { signal }))
    throw error
  }
}
