import { type Cidr, containsCidr, firstHost, formatCidr, parseCidr } from '../addressing/cidr.ts'
import { formatIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { RequestPoolRequest, RequestPoolResponse } from '../docker-plugin/ipam-driver-messages.ts'
import type { Subnet, SubnetPool } from '../neutron/resources.ts'
import { readDriverOptions, type Wanted } from '../ownership/driver-options.ts'
import { findNamed } from '../ownership/find-named.ts'
import { hostTag, subnetPoolName } from '../ownership/marks.ts'
import { chooseFreePrefix } from './choose-free-prefix.ts'
import type { IpamContext } from './context.ts'
import { readPoolCidr } from './read-cidr.ts'

/** What the pool shall be, before it is made. */
interface Plan {
  cidr: Cidr
  subnet: Subnet | undefined
  allocateFrom: SubnetPool | undefined
}

/**
 * `IpamDriver.RequestPool`: makes a subnet pool for one Docker network and address family, whose id is Docker's PoolID.
 *
 * Every Docker network has a pool of its own, even where it uses an existing subnet or takes its prefix from a pool that
 * the user named: so the PoolID names one Docker network, users of a subnet can be counted by the pool ids in its tags,
 * and a pool that others made is never marked nor deleted (upstream's B1, B3, B6).
 */
export async function requestPool(
  context: IpamContext,
  request: RequestPoolRequest,
  call: PluginCall,
): Promise<RequestPoolResponse> {
  const version = request.V6 ? 6 : 4
  const wanted = readDriverOptions(request.Options)
  const asked = readPoolCidr(request.Pool, request.SubPool ?? '', version)
  const plan = await planPool(context, { wanted, asked, version }, call)
  const cidr = formatCidr(plan.cidr)

  await context.pools.turn(cidr, call.signal)
  const pool = await createPool(context, plan, { shared: wanted.shared, signal: call.signal })
  const gateway = plan.subnet?.gateway_ip ?? formatIpAddress(firstHost(plan.cidr))
  context.pools.add({
    pool,
    cidr,
    ...(plan.allocateFrom && { allocateFrom: plan.allocateFrom.id }),
    ...(plan.subnet && { subnetId: plan.subnet.id }),
    gateway: { address: gateway, explicit: false },
  })
  call.log.info({ poolId: pool.id, cidr }, 'subnet pool made')
  return { PoolID: pool.id, Pool: cidr, Data: { 'com.docker.network.gateway': `${gateway}/${plan.cidr.prefixLength}` } }
}

async function planPool(
  context: IpamContext,
  { wanted, asked, version }: { wanted: Wanted; asked: Cidr | undefined; version: 4 | 6 },
  call: PluginCall,
): Promise<Plan> {
  const allocateFrom =
    wanted.subnetPool[version] &&
    (await findNamed(context.neutron.subnetpools, 'subnet pool', wanted.subnetPool[version], call))
  const subnet = await namedSubnet(context, wanted, { asked, version }, call)
  const cidr = asked ?? (subnet && parseCidr(subnet.cidr))
  if (cidr === undefined) {
    return { cidr: await chooseFreePrefix(context, { version, from: allocateFrom }, call), subnet, allocateFrom }
  }
  refuseOutside(allocateFrom, cidr)
  return { cidr, subnet, allocateFrom }
}

/** The subnet that the options name, or the one with the asked CIDR in the network that they name. */
async function namedSubnet(
  { neutron }: IpamContext,
  wanted: Wanted,
  { asked, version }: { asked: Cidr | undefined; version: 4 | 6 },
  call: PluginCall,
): Promise<Subnet | undefined> {
  const named = wanted.subnet[version]
  if (named) {
    const subnet = await findNamed(neutron.subnets, 'subnet', named, call)
    if (asked && subnet.cidr !== formatCidr(asked)) {
      throw new RangeError(
        `subnet ${subnet.id} has CIDR ${subnet.cidr}, but ${formatCidr(asked)} was asked for: leave out --subnet, or name another subnet`,
      )
    }
    return subnet
  }
  if (!wanted.network || !asked) return undefined
  const network = await findNamed(neutron.networks, 'network', wanted.network, call)
  const [subnet] = await neutron.subnets.list({ network_id: network.id, cidr: formatCidr(asked) }, call)
  return subnet
}

function refuseOutside(pool: SubnetPool | undefined, cidr: Cidr): void {
  if (!pool || pool.prefixes.some(prefix => containsCidr(parseCidr(prefix), cidr))) return
  throw new RangeError(
    `${formatCidr(cidr)} does not lie in subnet pool ${pool.name} (${pool.id}), which has ${pool.prefixes.join(', ')}`,
  )
}

async function createPool(
  { neutron, options }: IpamContext,
  { cidr, subnet }: Plan,
  { shared, signal }: { shared: boolean | undefined; signal: AbortSignal },
): Promise<SubnetPool> {
  const text = formatCidr(cidr)
  return neutron.subnetpools.create(
    {
      name: subnetPoolName(options.subnetPoolNamePrefix, text),
      prefixes: [text],
      default_prefixlen: cidr.prefixLength,
      min_prefixlen: cidr.prefixLength,
      ...(shared !== undefined && { shared }),
      // Upstream's mark of a pool that was made for one subnet of several with the same CIDR.
      tags: [hostTag(options.host), ...(subnet ? [subnet.id] : [])],
    },
    { signal },
  )
}
