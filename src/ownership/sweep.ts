import type { Logger } from 'pino'
import type { Call, Neutron } from '../neutron/neutron.ts'
import { ifThere } from './if-there.ts'
import { wasBornOn } from './birth-marks.ts'
import {
  CREATED_NETWORK_TAG,
  createdNetworkName,
  DEVICE_OWNER,
  dockerIdOf,
  dockerIdTags,
  hostTag,
  RELEASED_POOL_TAG,
} from './marks.ts'
import { releaseNetwork } from './release-network.ts'
import { releasePort } from './release-port.ts'
import { releasePoolAndSubnets } from './release-subnet.ts'
import { subnetOfPool } from './subnet-of-pool.ts'

/** Milliseconds for which something half-made may still be in the making. */
const YOUNG = 60_000

/**
 * Removes what this host's daemon left half-made when it was killed between two calls of Docker, for which Docker sends
 * no undo: ports that no endpoint took, pools that no network took, and networks without any pool. Only what carries
 * this host's mark, and only what is older than a minute.
 */
export async function sweepHalfMade(
  neutron: Neutron,
  { host, now, log }: { host: string; now: number; log: Logger },
  call: Call,
): Promise<void> {
  const tags = [hostTag(host)]
  const old = <Resource extends { updated_at: string }>(resources: Resource[]): Resource[] =>
    resources.filter(({ updated_at }) => now - Date.parse(updated_at) > YOUNG)

  for (const port of old(await neutron.ports.list({ tags, device_id: '' }, call))) {
    log.warn({ portId: port.id }, 'removing what is left of a container start that was cut off')
    await releasePort(neutron, port, call)
  }
  await sweepUntagged(neutron, { host, old, log }, call)
  const pools = (await neutron.subnetpools.list({}, call)).filter(
    pool => pool.tags.includes(hostTag(host)) || wasBornOn(pool.description, host),
  )
  for (const pool of old(pools)) {
    if (pool.tags.includes(RELEASED_POOL_TAG) || (await subnetOfPool(neutron, pool.id, call))) continue
    log.warn({ poolId: pool.id }, 'removing a subnet pool without subnet: its Docker network was not made to the end')
    await releasePoolAndSubnets(neutron, pool, call)
    const dockerId = dockerIdOf(pool.tags)
    if (dockerId !== undefined) await releaseNetwork(neutron, dockerId, call)
  }
  for (const network of old(await neutron.networks.list({ tags: [...tags, CREATED_NETWORK_TAG] }, call))) {
    const dockerId = dockerIdOf(network.tags)
    if (network.subnets.length > 0) continue
    const pools = dockerId === undefined ? [] : await neutron.subnetpools.list({ tags: dockerIdTags(dockerId) }, call)
    if (pools.length > 0) continue
    log.warn({ networkId: network.id }, 'removing a network that was left half-made')
    await ifThere(neutron.networks.delete(network.id, call))
  }
}

/** What was made and not tagged any more: where Neutron takes tags only in a second request, we may be killed before it. */
async function sweepUntagged(
  neutron: Neutron,
  {
    host,
    old,
    log,
  }: { host: string; old: <R extends { updated_at: string }>(resources: R[]) => R[]; log: Pick<Logger, 'warn'> },
  call: Call,
): Promise<void> {
  const ports = await neutron.ports.list({ device_owner: DEVICE_OWNER, device_id: '' }, call)
  const networks = await neutron.networks.list({}, call)
  const isLeft = ({ description, tags }: { description: string; tags: string[] }): boolean =>
    tags.length === 0 && wasBornOn(description, host)
  for (const { id } of old(ports.filter(isLeft))) {
    log.warn({ portId: id }, 'removing a port that was made and not marked any more')
    await ifThere(neutron.ports.delete(id, call))
  }
  const start = createdNetworkName('')
  for (const { id } of old(networks.filter(one => isLeft(one) && one.name.startsWith(start)))) {
    log.warn({ networkId: id }, 'removing a network that was made and not marked any more')
    await ifThere(neutron.networks.delete(id, call))
  }
}
