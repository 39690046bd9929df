/**
 * How resources of the network service are marked as ours for one Docker network or endpoint. Names and tags are
 * upstream Kuryr's (kuryr-libnetwork), so that old and new hosts may share one Neutron; those it does not have are said
 * to be ours. Only what carries a mark is ever changed or deleted.
 */

const LOWER_HALF = 'kuryr.net.uuid.lh:'
const UPPER_HALF = 'kuryr.net.uuid.uh:'
const HOST = 'kuryr.host:'
const POOL = 'kuryr.pool:'
const EXPOSED_GROUP = 'kuryr.sg.exposed:'
const CONTAINER_NAME = 'docker.name:'
const CONTAINER_LABEL = 'docker.label:'

/** A UUID as Neutron writes it, for regular expressions. */
export const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** The tags that tie a resource to a Docker id of 64 digits, in two halves; a swarm id (25) has only the first. */
export function dockerIdTags(dockerId: string): string[] {
  const tags = [`${LOWER_HALF}${dockerId.slice(0, 32)}`]
  if (dockerId.length > 32) tags.push(`${UPPER_HALF}${dockerId.slice(32)}`)
  return tags
}

/** The Docker id in a resource's tags, if it has one. With several (a shared network), the first. */
export function dockerIdOf(tags: readonly string[]): string | undefined {
  const lower = tags.find(tag => tag.startsWith(LOWER_HALF))
  if (lower === undefined) return undefined
  const upper = tags.find(tag => tag.startsWith(UPPER_HALF))
  return lower.slice(LOWER_HALF.length) + (upper?.slice(UPPER_HALF.length) ?? '')
}

/**
 * Whether the resource carries the whole Docker id; or the one half of it that an interrupted attempt left, which is then
 * no half of another whole id.
 */
export function isMarkedFor(dockerId: string, tags: readonly string[]): boolean {
  const own = dockerIdTags(dockerId)
  const found = own.filter(tag => tags.includes(tag)).length
  const count = (half: string): number => tags.filter(tag => tag.startsWith(half)).length
  return found === own.length || (found > 0 && count(LOWER_HALF) !== count(UPPER_HALF))
}

/** Whether any Docker network still counts on the resource. */
export function hasDockerId(tags: readonly string[]): boolean {
  return tags.some(tag => tag.startsWith(LOWER_HALF))
}

/** On a network that was there before the Docker network: never deleted. */
export function adoptedNetworkTag(dockerId: string): string {
  return `kuryr.net.existing:${dockerId.slice(0, 12)}`
}

/** Ours: on a network that we made. Lets the last of several Docker networks on it delete it. */
export const CREATED_NETWORK_TAG = 'kuryr.net.created'

/** Ours: on the subnet pool of an `--internal` Docker network, whose containers get no default route. */
export const INTERNAL_TAG = 'kuryr.net.internal'

/** Ours: the host whose daemon made the resource; it sweeps away what it left half-made. */
export function hostTag(host: string): string {
  return `${HOST}${host}`
}

/** The host in a resource's tags, if it has one. */
export function hostOf(tags: readonly string[]): string | undefined {
  return tags.find(tag => tag.startsWith(HOST))?.slice(HOST.length)
}

/** Ours: on an adopted port, the security group of exposed ports that it has for the time being. */
export function exposedGroupTag(groupId: string): string {
  return `${EXPOSED_GROUP}${groupId}`
}

/** The security groups that go with the container, by an adopted port's tags. */
export function exposedGroupsOf(tags: readonly string[]): string[] {
  return tags.filter(tag => tag.startsWith(EXPOSED_GROUP)).map(tag => tag.slice(EXPOSED_GROUP.length))
}

/** Ours: on a port, the pool (so the Docker network) that its address was asked for: no other may release it. */
export function poolTag(poolId: string): string {
  return `${POOL}${poolId}`
}

/** The pools in a port's tags. */
export function poolsOfPort(tags: readonly string[]): string[] {
  return tags.filter(tag => tag.startsWith(POOL)).map(tag => tag.slice(POOL.length))
}

/** Whether Docker's pool may release this port's address. Python Kuryr does not say which pool a port is of. */
export function isOfPool(tags: readonly string[], poolId: string): boolean {
  return tags.includes(poolTag(poolId)) || !tags.some(tag => tag.startsWith(POOL))
}

/**
 * The tags that we put on a port, whoever made it. The host's comes last: as long as it is there, the sweep finds what is
 * left of the others.
 */
export function portMarks(tags: readonly string[]): string[] {
  const ours = [CONTAINER_NAME, CONTAINER_LABEL, POOL, LOWER_HALF, UPPER_HALF, EXPOSED_GROUP, ADOPTED_PORT_TAG, HOST]
  return ours.flatMap(start => tags.filter(tag => tag.startsWith(start)))
}

/** Ours: on the operator's port, the name of the container that has it: the description is the operator's. */
export function containerNameTag(name: string): string {
  return `${CONTAINER_NAME}${name}`
}

/** The container's name in a port's tags, if it is there. */
export function containerNameIn(tags: readonly string[]): string | undefined {
  return tags.find(tag => tag.startsWith(CONTAINER_NAME))?.slice(CONTAINER_NAME.length)
}

/** Ours: on a port, a label of the container that has it. */
export function containerLabelTag(key: string, value: string): string {
  return `${CONTAINER_LABEL}${key}=${value}`
}

/** Those of a port's tags that tell of the container that has it. */
export function containerTags(tags: readonly string[]): string[] {
  return tags.filter(tag => tag.startsWith(CONTAINER_NAME) || tag.startsWith(CONTAINER_LABEL))
}

/** Ours: on a subnet pool whose Docker network is gone, but from which a subnet that others use was allocated. */
export const RELEASED_POOL_TAG = 'kuryr.subnetpool.released'

/** On a port that we made: deleted at release. */
export const CREATED_PORT_TAG = 'compute:kuryr'

/** On a port that was there before the container: given back at release. */
export const ADOPTED_PORT_TAG = 'kuryr.port.existing'

/** `device_owner` of a container's port. */
export const DEVICE_OWNER = 'compute:kuryr'

/** Ours: `device_owner` of a port that only holds an `--aux-address`. */
export const AUXILIARY_DEVICE_OWNER = 'kuryr:auxiliary-address'

/** The security group that Python Kuryr made for the exposed ports of one port. */
export function pythonExposedGroupName(portId: string): string {
  return `${portId}-exposed_ports`
}

/** Whether Python Kuryr made the container's port: it does not say on which host. */
export function isOfPython(tags: readonly string[]): boolean {
  return tags.includes(CREATED_PORT_TAG) && hostOf(tags) === undefined
}

/** The name of a port between RequestAddress and CreateEndpoint. */
export const UNBOUND_PORT_NAME = 'kuryr-unbound-port'

export function endpointPortName(endpointId: string): string {
  return `${endpointId}-port`
}

export function createdNetworkName(dockerId: string): string {
  return `kuryr-net-${dockerId.slice(0, 8)}`
}

export function createdSubnetName(cidr: string): string {
  return `kuryr-subnet-${cidr}`
}

/** @param prefix `subnetpool_name_prefix`, by default `kuryrPool`. */
export function subnetPoolName(prefix: string, cidr: string): string {
  return `${prefix}-${cidr}`
}

/** The ids of the subnet pools that use this subnet: one per Docker network and address family. */
export function usersOfSubnet(tags: readonly string[]): string[] {
  const uuid = new RegExp(`^${UUID}$`)
  return tags.filter(tag => uuid.test(tag))
}
