import { formatCidr, parseInterfaceAddress } from '../addressing/cidr.ts'
import { formatIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { CreateNetworkRequest, IpamData } from '../docker-plugin/network-driver-messages.ts'
import { accessOf, accessTags } from '../ownership/access-marks.ts'
import { findDockerNetwork } from '../ownership/docker-network.ts'
import { readDriverOptions, type Wanted } from '../ownership/driver-options.ts'
import { findNamed } from '../ownership/find-named.ts'
import { dockerIdTags, hostTag, INTERNAL_TAG } from '../ownership/marks.ts'
import { mergeAccess, resolveAccess } from '../ownership/network-access.ts'
import { undoOrLater } from '../ownership/undo-or-later.ts'
import type { UnclaimedPool } from '../ownership/pool-ledger.ts'
import type { NetworkContext } from './context.ts'
import { genericOptions } from './generic-options.ts'
import { PresentSubnets } from './present-subnets.ts'
import { provideNetwork } from './provide-network.ts'
import { provideSubnet } from './provide-subnet.ts'
import { claimPool } from './claim-pool.ts'
import { reserveAuxiliaryAddresses } from './reserve-auxiliary-addresses.ts'

/**
 * `NetworkDriver.CreateNetwork`: a Neutron network and a subnet per pool, made or adopted, marked as this Docker
 * network's. Asked again for a network that is there, it does nothing (upstream's R3). Docker sends no DeleteNetwork
 * after a failure, so what was made is undone here (L1, L8).
 */
export async function createNetwork(
  context: NetworkContext,
  request: CreateNetworkRequest,
  call: PluginCall,
): Promise<void> {
  const { neutron } = context
  const dockerId = request.NetworkID
  const options = readDriverOptions(genericOptions(request.Options))
  const fresh = isFresh(context, request)
  const existing = fresh ? undefined : await findDockerNetwork(neutron, dockerId, call)
  if (existing && existing.subnets.length >= ipamData(request).length) return

  const pools = await claimPools(context, request, call)
  const wanted = await withWishesOfPools(context, { options, pools }, call)
  const access = mergeAccess(
    await resolveAccess(context.access, options.access, call),
    accessOf(pools.flatMap(({ claimed }) => claimed.pool.tags)),
  )
  // The pools are marked first, for good: whatever happens from here on, Docker's ReleasePool then finds the rest.
  const internal = isInternal(request)
  const marks = [
    ...dockerIdTags(dockerId),
    hostTag(context.options.host),
    ...(internal ? [INTERNAL_TAG] : []),
    ...accessTags(access),
  ]
  for (const { claimed } of pools) await markPool(context, { claimed, marks }, call)

  await using undo = undoOrLater(context.later, call)
  const recent = pools.flatMap(({ claimed }) => claimed.network ?? [])
  const { network, made } = await provideNetwork(context, { dockerId, wanted, fresh, recent, undo }, call)
  const present = new PresentSubnets(neutron, network.id, made ? [] : undefined)
  const subnets = []
  for (const { claimed, data } of pools) {
    const family = pools.filter(other => other.claimed.pool.ip_version === claimed.pool.ip_version)
    const alone = wanted.network === undefined && family.length === 1
    const wish = { network, present, claimed, wanted, gateway: gatewayOf(data), alone, undo }
    const subnet = await provideSubnet(context, wish, call)
    subnets.push(subnet)
    await reserveAuxiliaryAddresses(context, { subnet, dockerId, data, undo }, call)
  }
  call.signal.throwIfAborted()
  undo.keep()
  const ours = pools.map(({ claimed: { pool } }) => ({ ...pool, tags: [...new Set([...pool.tags, ...marks])] }))
  context.networks.add({ dockerId, network, pools: ours, subnets, internal, ...access }, { madeHere: true })
  call.log.info({ neutronNetworkId: network.id }, 'network created')
}

async function markPool(
  { neutron }: NetworkContext,
  { claimed: { pool, subnetId }, marks }: { claimed: UnclaimedPool; marks: string[] },
  call: PluginCall,
): Promise<void> {
  // Upstream's mark of a pool that was made for one subnet of several with the same CIDR: the subnet's id.
  const all = subnetId === undefined ? marks : [...marks, subnetId]
  await neutron.subnetpools.addTags(pool.id, all, { signal: call.signal, present: pool.tags })
}

/**
 * What `-o` asks for, and where it says nothing, `--ipam-opt`, which came with RequestPool. A subnet that is named brings
 * its network.
 */
async function withWishesOfPools(
  { neutron }: NetworkContext,
  { options, pools }: { options: Wanted; pools: ClaimedPool[] },
  call: PluginCall,
): Promise<Wanted> {
  const networkId = pools.find(({ claimed }) => claimed.networkId !== undefined)?.claimed.networkId
  const named = options.subnet[4] ?? options.subnet[6]
  const shared = options.shared ?? (pools.some(({ claimed }) => claimed.pool.shared) ? true : undefined)
  if (options.network ?? networkId ?? !named) {
    return { ...options, shared, network: options.network ?? (networkId === undefined ? undefined : { id: networkId }) }
  }
  const subnet = await findNamed(neutron.subnets, 'subnet', named, call)
  return { ...options, shared, network: { id: subnet.network_id } }
}

/**
 * Whether this daemon itself has just been asked for the pools of this network, which it does not know: then nobody has
 * made anything of it yet, and the network service, if it is far, need not be asked.
 */
function isFresh({ networks, pools }: NetworkContext, request: CreateNetworkRequest): boolean {
  const isWaited = ({ Pool }: IpamData): boolean =>
    Pool !== '' && pools.waits(formatCidr(parseInterfaceAddress(Pool).cidr))
  return networks.remembers && networks.get(request.NetworkID) === undefined && ipamData(request).every(isWaited)
}

interface ClaimedPool {
  claimed: UnclaimedPool
  data: IpamData
}

function ipamData(request: CreateNetworkRequest): IpamData[] {
  return [...(request.IPv4Data ?? []), ...(request.IPv6Data ?? [])]
}

/** The pools that Docker has just asked for, in the order of the request. */
async function claimPools(
  context: NetworkContext,
  request: CreateNetworkRequest,
  call: PluginCall,
): Promise<ClaimedPool[]> {
  const all = ipamData(request)
  if (all.length === 0) {
    throw new RangeError(
      'the network has no subnet: expected IPv4Data or IPv6Data with a Pool; with --ipv4=false, give --ipv6',
    )
  }
  const pools = []
  for (const data of all) pools.push({ claimed: await claimPool(context, data, call), data })
  return pools
}

function isInternal(request: CreateNetworkRequest): boolean {
  return request.Options?.['com.docker.network.internal'] === true
}

function gatewayOf(data: IpamData): string | undefined {
  return data.Gateway ? formatIpAddress(parseInterfaceAddress(data.Gateway).address) : undefined
}
