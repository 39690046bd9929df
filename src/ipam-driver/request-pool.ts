import { type Cidr, firstHost, formatCidr, parseCidr } from '../addressing/cidr.ts'
import { formatIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { RequestPoolRequest, RequestPoolResponse } from '../docker-plugin/ipam-driver-messages.ts'
import type { Network, Subnet, SubnetPool } from '../neutron/resources.ts'
import { accessTags, type NetworkAccess } from '../ownership/access-marks.ts'
import { readDriverOptions, type Wanted } from '../ownership/driver-options.ts'
import { findNamed, type FoundNamed } from '../ownership/find-named.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthOfPool } from '../ownership/birth-marks.ts'
import { subnetPoolName } from '../ownership/marks.ts'
import type { Named } from '../ownership/named.ts'
import { resolveAccess } from '../ownership/network-access.ts'
import type { UnclaimedPool } from '../ownership/pool-ledger.ts'
import { undoOrLater } from '../ownership/undo-or-later.ts'
import { refuseOutsidePool } from '../ownership/refuse-outside-pool.ts'
import { chooseFreePrefix } from './choose-free-prefix.ts'
import type { IpamContext } from './context.ts'
import { readPoolCidr } from './read-cidr.ts'

/** What the pool shall be, before it is made. */
interface Plan {
  cidr: Cidr
  /** What is there already and was named. */
  network: FoundNamed<Network> | undefined
  subnet: Subnet | undefined
  allocateFrom: SubnetPool | undefined
  access: NetworkAccess
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
  const access = await resolveAccess(context.access, wanted.access, call)
  const plan = async (): Promise<Plan> => ({
    ...(await planPool(context, { wanted, asked, version }, call)),
    access,
  })
  const make = async (planned: Plan): Promise<RequestPoolResponse> => {
    const made = await makePool(context, { plan: planned, shared: wanted.shared }, call)
    context.pools.add(made)
    call.log.info({ poolId: made.pool.id, cidr: made.cidr }, 'subnet pool made')
    return answer(made, planned)
  }
  // Where the prefix is ours to choose, one call sees what the call before it took.
  const chooses = !asked && !wanted.subnet[version]
  if (chooses) return context.pools.inTurn(`any IPv${version}`, call.signal, async () => make(await plan()))
  const planned = await plan()
  return context.pools.inTurn(formatCidr(planned.cidr), call.signal, () => make(planned))
}

/**
 * The gateway is told only where it is known to be one: Docker asks for it by RequestAddress then, unless it does without
 * (GwAllocCheck).
 */
function answer({ pool, cidr }: MadePool, { cidr: { prefixLength }, subnet }: Plan): RequestPoolResponse {
  const gateway = subnet?.gateway_ip
  return {
    PoolID: pool.id,
    Pool: cidr,
    Data: gateway ? { 'com.docker.network.gateway': `${gateway}/${prefixLength}` } : {},
  }
}

async function planPool(
  context: IpamContext,
  { wanted, asked, version }: { wanted: Wanted; asked: Cidr | undefined; version: 4 | 6 },
  call: PluginCall,
): Promise<Omit<Plan, 'access'>> {
  const allocateFrom =
    wanted.subnetPool[version] &&
    (await findNamed(context.neutron.subnetpools, 'subnet pool', wanted.subnetPool[version], call))
  const network = wanted.network && {
    named: wanted.network,
    resource: await findNamed(context.neutron.networks, 'network', wanted.network, call),
  }
  const wish = { named: wanted.subnet[version], network: network?.resource, asked }
  const subnet = await namedSubnet(context, wish, call)
  const cidr = asked ?? (subnet && parseCidr(subnet.cidr))
  if (cidr === undefined) {
    return {
      cidr: await chooseFreePrefix(context, { version, from: allocateFrom }, call),
      network,
      subnet,
      allocateFrom,
    }
  }
  if (allocateFrom && !subnet) refuseOutsidePool(allocateFrom, cidr)
  return { cidr, network, subnet, allocateFrom }
}

/** The subnet that the options name, or the one with the asked CIDR in the network that they name. */
async function namedSubnet(
  { neutron }: IpamContext,
  { named, network, asked }: { named: Named | undefined; network: Network | undefined; asked: Cidr | undefined },
  call: PluginCall,
): Promise<Subnet | undefined> {
  if (!named) {
    if (!network || !asked) return undefined
    const [found] = await neutron.subnets.list({ network_id: network.id, cidr: formatCidr(asked) }, call)
    return found
  }
  const subnet = await findNamed(neutron.subnets, 'subnet', named, call)
  if (asked && subnet.cidr !== formatCidr(asked)) {
    throw new RangeError(
      `subnet ${subnet.id} has CIDR ${subnet.cidr}, but ${formatCidr(asked)} was asked for: leave out --subnet, or name another subnet`,
    )
  }
  if (network && subnet.network_id !== network.id) {
    throw new RangeError(
      `subnet ${subnet.id} lies in network ${subnet.network_id}, but network ${network.id} was asked for: name only one of them, or a pair`,
    )
  }
  return subnet
}

type MadePool = Omit<UnclaimedPool, 'since'> & { gateway: { address: string; explicit: boolean } }

async function makePool(
  { neutron, options, later }: IpamContext,
  { plan, shared }: { plan: Plan; shared: boolean | undefined },
  call: PluginCall,
): Promise<MadePool> {
  const cidr = formatCidr(plan.cidr)
  const wish = {
    // A subnet that was named brings its network.
    ...((plan.network ?? plan.subnet) && { networkId: plan.network?.resource.id ?? plan.subnet?.network_id ?? '' }),
    ...(plan.subnet && { subnetId: plan.subnet.id }),
    ...(plan.allocateFrom && { allocateFrom: plan.allocateFrom.id }),
  }
  const birth = birthOfPool(options.host, wish)
  await using undo = undoOrLater(later, call)
  // Not given up half-way: what is not known to be made cannot be taken back.
  call.signal.throwIfAborted()
  const pool = await neutron.subnetpools.create({
    name: subnetPoolName(options.subnetPoolNamePrefix, cidr),
    prefixes: [cidr],
    default_prefixlen: plan.cidr.prefixLength,
    min_prefixlen: plan.cidr.prefixLength,
    ...(shared !== undefined && { shared }),
    description: birth.description,
    tags: [...birth.tags, ...accessTags(plan.access)],
  })
  undo.add(`pool ${pool.id}`, () => ifThere(neutron.subnetpools.delete(pool.id)))
  call.signal.throwIfAborted()
  undo.keep()
  const address = plan.subnet?.gateway_ip ?? formatIpAddress(firstHost(plan.cidr))
  const gateway = { address, explicit: false }
  return {
    ...{ pool, cidr, gateway, ...wish },
    ...(plan.network && { network: plan.network }),
    ...(plan.subnet && { subnet: plan.subnet }),
  }
}
