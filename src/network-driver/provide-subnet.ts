import { containsAddress, parseCidr } from '../addressing/cidr.ts'
import { parseIpAddress } from '../addressing/ip-address.ts'
import type { UndoStack } from '../concurrency/undo-stack.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Network, Subnet } from '../neutron/resources.ts'
import type { Wanted } from '../ownership/driver-options.ts'
import { findNamed } from '../ownership/find-named.ts'
import { ifThere } from '../ownership/if-there.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { createdSubnetName } from '../ownership/marks.ts'
import type { Named } from '../ownership/named.ts'
import type { UnclaimedPool } from '../ownership/pool-ledger.ts'
import { leaveSubnet } from '../ownership/release-subnet.ts'
import { refuseOutsidePool } from '../ownership/refuse-outside-pool.ts'
import type { NetworkContext } from './context.ts'
import type { PresentSubnets } from './present-subnets.ts'

export interface SubnetWish {
  network: Network
  present: PresentSubnets
  claimed: UnclaimedPool
  wanted: Wanted
  /** As Docker sends it, none for a network that shall have none; the user's own only if `claimed.gateway.explicit`. */
  gateway: string | undefined
  /** The only subnet of its family, in a network that we make. */
  alone: boolean
  undo: UndoStack
}

/** The subnet of the network with the pool's CIDR: the one that is there, or a new one. Tagged with the pool's id. */
export async function provideSubnet(context: NetworkContext, wish: SubnetWish, call: PluginCall): Promise<Subnet> {
  try {
    return await findOrMakeSubnet(context, wish, call)
  } catch (error) {
    // Gone between the look and the mark: begin anew, once.
    if (!(error instanceof NeutronError && error.type === 'SubnetNotFound')) throw error
    wish.present.forget()
    const { subnet: _gone, ...claimed } = wish.claimed
    return findOrMakeSubnet(context, { ...wish, claimed }, call)
  }
}

async function findOrMakeSubnet(context: NetworkContext, wish: SubnetWish, call: PluginCall): Promise<Subnet> {
  const existing = await existingSubnet(context, wish, call)
  if (existing) return adoptSubnet(context, { ...wish, subnet: existing }, call)
  try {
    const made = await makeSubnet(context, wish, call)
    wish.present.add(made)
    return made
  } catch (error) {
    // Another host may have made the same subnet in this moment (upstream's R2). One of our own, whose answer was lost, is
    // being taken back.
    if (!(error instanceof NeutronError && error.status < 500)) throw error
    wish.present.forget()
    const made = await existingSubnet(context, wish, call)
    if (made) return adoptSubnet(context, { ...wish, subnet: made }, call)
    throw error
  }
}

async function existingSubnet(
  context: NetworkContext,
  { network, present, claimed, wanted }: SubnetWish,
  call: PluginCall,
): Promise<Subnet | undefined> {
  const version = parseCidr(claimed.cidr).version
  const named = claimed.subnetId === undefined ? wanted.subnet[version] : { id: claimed.subnetId }
  if (!named) return (await present.list(call)).find(({ cidr }) => cidr === claimed.cidr)
  const subnet = claimed.subnet ?? (await namedSubnet(context, { named, present }, call))
  if (subnet.network_id !== network.id || subnet.cidr !== claimed.cidr) {
    throw new PluginError(
      409,
      `subnet ${subnet.id} is ${subnet.cidr} in network ${subnet.network_id}, but the Docker network needs ${claimed.cidr} in network ${network.id}: name the subnet's network with -o neutron.net.uuid=${subnet.network_id}, and its CIDR with --subnet`,
    )
  }
  return subnet
}

async function namedSubnet(
  { neutron }: NetworkContext,
  { named, present }: { named: Named; present: PresentSubnets },
  call: PluginCall,
): Promise<Subnet> {
  const inNetwork = (await present.list(call)).filter(({ id, name }) =>
    'id' in named ? id === named.id : name === named.name,
  )
  const [only, ...others] = inNetwork
  return only && others.length === 0 ? only : findNamed(neutron.subnets, 'subnet', named, call)
}

async function adoptSubnet(
  { neutron }: NetworkContext,
  { subnet, claimed, gateway, undo }: SubnetWish & { subnet: Subnet },
  call: PluginCall,
): Promise<Subnet> {
  if (claimed.gateway?.explicit && gateway !== subnet.gateway_ip) {
    throw new PluginError(
      409,
      `--gateway ${gateway ?? ''} was given, but subnet ${subnet.id} (${subnet.cidr}) has ${subnet.gateway_ip === null ? 'no gateway' : `gateway ${subnet.gateway_ip}`}: leave --gateway out, or give that one`,
    )
  }
  const mark = [claimed.pool.id]
  undo.add(`mark of subnet ${subnet.id}`, () => ifThere(neutron.subnets.removeTags(subnet.id, mark)))
  await neutron.subnets.addTags(subnet.id, mark, call)
  // Of one that Kuryr made, the last user may have deleted it while we came.
  if (subnet.name === createdSubnetName(subnet.cidr)) return neutron.subnets.show(subnet.id, call)
  return { ...subnet, tags: [...new Set([...subnet.tags, ...mark])] }
}

async function makeSubnet(context: NetworkContext, wish: SubnetWish, call: PluginCall): Promise<Subnet> {
  const { neutron, options } = context
  const { network, claimed, gateway, undo } = wish
  const cidr = parseCidr(claimed.cidr)
  if (gateway !== undefined && !containsAddress(cidr, parseIpAddress(gateway))) {
    throw new RangeError(`gateway ${gateway} does not lie in subnet ${claimed.cidr}: give one that does`)
  }
  const subnetpool_id = await sourcePool(context, wish, call)
  // Not given up half-way: what is not known to be made cannot be taken back.
  call.signal.throwIfAborted()
  const subnet = await neutron.subnets.create({
    name: createdSubnetName(claimed.cidr),
    description: birthMark(options.host),
    network_id: network.id,
    ip_version: cidr.version,
    cidr: claimed.cidr,
    enable_dhcp: options.enableDhcp,
    ...(subnetpool_id !== undefined && { subnetpool_id }),
    gateway_ip: gateway ?? null,
    tags: [claimed.pool.id],
  })
  undo.add(`subnet ${subnet.id}`, async () => {
    // Another Docker network may have adopted it already.
    const leave = (now: Subnet) => leaveSubnet(neutron, { subnet: now, poolId: claimed.pool.id }, {})
    await ifThere(neutron.subnets.show(subnet.id).then(leave))
  })
  return subnet
}

/**
 * The subnet pool that the subnet is allocated from: the one that the user named; else, because Neutron wants all subnets
 * of one family in a network from the same pool or none of them from any, that of the subnets there. In a network of our
 * own the first one is allocated from its Docker pool, as upstream does, unless a second is to follow; in the operator's
 * from none, so that other Docker networks may add theirs. `undefined`: none.
 *
 * @throws {RangeError} when that pool does not hold the CIDR.
 */
async function sourcePool(
  { neutron }: NetworkContext,
  { present, claimed, wanted, alone }: SubnetWish,
  call: PluginCall,
): Promise<string | undefined> {
  const cidr = parseCidr(claimed.cidr)
  const named = claimed.allocateFrom === undefined ? wanted.subnetPool[cidr.version] : { id: claimed.allocateFrom }
  const siblings = (await present.list(call)).filter(({ ip_version }) => ip_version === cidr.version)
  const followed = siblings[0]?.subnetpool_id
  const from = named ?? (followed == null ? undefined : { id: followed })
  if (from) {
    const pool = await findNamed(neutron.subnetpools, 'subnet pool', from, call)
    refuseOutsidePool(pool, cidr)
    return pool.id
  }
  return siblings.length === 0 && alone ? claimed.pool.id : undefined
}
