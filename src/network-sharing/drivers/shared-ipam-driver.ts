import { formatCidr, parseCidr } from '../../addressing/cidr.ts'
import type { IpamDriver, PluginCall } from '../../docker-plugin/drivers.ts'
import type { RequestPoolRequest, RequestPoolResponse } from '../../docker-plugin/ipam-driver-messages.ts'
import { PluginError } from '../../docker-plugin/plugin-error.ts'
import type { Neutron } from '../../neutron/neutron.ts'
import { readDriverOptions } from '../../ownership/driver-options.ts'
import { ifThere } from '../../ownership/if-there.ts'
import { dockerIdOf, dockerIdTags } from '../../ownership/marks.ts'
import { refusing } from '../../ownership/refuse.ts'
import { subnetOfPool } from '../../ownership/subnet-of-pool.ts'
import { isShared, refuseUnknown, type SharingOfCalls } from './sharing-of-calls.ts'

/**
 * The IPAM driver on a host that shares its networks: a replica has the very pools of the shared network, under the same
 * PoolID on every host, and what Docker releases here goes only when sharing finds that no host needs it.
 */
export function shareIpamDriver(driver: IpamDriver, sharing: SharingOfCalls & { neutron: Neutron }): IpamDriver {
  return {
    ...driver,
    requestPool: (request, call) =>
      refusing(async () => {
        const { sharedId } = readDriverOptions(request.Options)
        if (sharedId === undefined) return driver.requestPool(request, call)
        await refuseUnknown(sharing, sharedId, call)
        return poolOf(sharing, { request, sharedId }, call)
      }),
    async releasePool(request, call) {
      const id = sharing.memberships.ofPool(request.PoolID) ?? (await dockerIdOfPool(sharing, request.PoolID, call))
      if (id === undefined || !(await isShared(sharing, id, call))) return driver.releasePool(request, call)
      call.log.info({ sharedId: id }, 'the pool is shared: it stays until no host needs it')
    },
  }
}

/** The membership is noted before Docker hears of the pool: from then on it may release it. */
async function poolOf(
  { neutron, memberships }: SharingOfCalls & { neutron: Neutron },
  { request, sharedId }: { request: RequestPoolRequest; sharedId: string },
  call: PluginCall,
): Promise<RequestPoolResponse> {
  const version = request.V6 ? 6 : 4
  // The subnet has the ip-range's CIDR, where there is one.
  const asked = formatCidr(parseCidr([request.SubPool, request.Pool].find(Boolean) ?? ''))
  const pools = await neutron.subnetpools.list({ tags: dockerIdTags(sharedId) }, call)
  const pool = pools.find(({ ip_version, prefixes }) => ip_version === version && prefixes.includes(asked))
  if (!pool) {
    throw new PluginError(409, `the shared network ${sharedId} has no subnet ${asked}: it has ${prefixesOf(pools)}`)
  }
  memberships.addPools([pool.id], sharedId)
  const subnet = await subnetOfPool(neutron, pool.id, call)
  const gateway = subnet?.gateway_ip
  const data = gateway == null ? {} : { 'com.docker.network.gateway': `${gateway}/${parseCidr(asked).prefixLength}` }
  return { PoolID: pool.id, Pool: asked, Data: data }
}

function prefixesOf(pools: { prefixes: string[] }[]): string {
  return pools.flatMap(({ prefixes }) => prefixes).join(', ') || 'none'
}

async function dockerIdOfPool(
  { neutron }: { neutron: Neutron },
  poolId: string,
  call: PluginCall,
): Promise<string | undefined> {
  const pool = await ifThere(neutron.subnetpools.show(poolId, call))
  return pool && dockerIdOf(pool.tags)
}
