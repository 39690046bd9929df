import { formatIpAddress, parseIpAddress } from '../addressing/ip-address.ts'
import { UUID } from './marks.ts'
import type { Named } from './named.ts'

/** Ours: the security groups of a Docker network's new ports, by id or name. */
export const SECURITY_GROUPS_OPTION = 'kuryr.security_groups'

/** Ours: how published ports (`-p`) of a Docker network's containers are reached from outside. */
export const PUBLISH_OPTION = 'kuryr.publish'

/** Ours: the floating IP that published ports are forwarded from, where the operator has allocated one. */
export const PUBLISH_ADDRESS_OPTION = 'kuryr.publish.floating_ip'

/** How published ports are reached from outside. */
export interface Publishing {
  by: 'floating-ip'
  /** The operator's floating IP (IPv4). Absent: one of our own. */
  address?: string
}

/** Each is a tag of the Docker network's pools, and Neutron lets a pool have 50. */
const MOST_GROUPS = 20

const uuid = new RegExp(`^${UUID}$`, 'i')

/** What is of a UUID's form is an id; all else a name. */
export function idOrName(text: string): Named {
  return uuid.test(text) ? { id: text.toLowerCase() } : { name: text }
}

/**
 * The security groups that an option lists by id or name: `web,1f2e…`.
 *
 * @throws {RangeError}
 */
export function readSecurityGroups(option: string, text: string): Named[] {
  const parts = text.split(',').map(part => part.trim())
  if (parts.some(part => part === '' || part.length > 255)) {
    throw new RangeError(
      `option ${option}=${shown(text)}: expected ids or names (1 to 255 characters) of security groups, separated by commas`,
    )
  }
  const groups = [...new Map(parts.map(idOrName).map(group => [JSON.stringify(group), group])).values()]
  if (groups.length <= MOST_GROUPS) return groups
  throw new RangeError(`option ${option} lists ${groups.length} security groups: expected at most ${MOST_GROUPS}`)
}

/**
 * What `kuryr.publish` and `kuryr.publish.floating_ip` ask for; `undefined` where neither is given.
 *
 * @throws {RangeError}
 */
export function readPublishing(by: string | undefined, address: string | undefined): Publishing | undefined {
  if (by === undefined) {
    if (address === undefined) return undefined
    throw new RangeError(
      `option ${PUBLISH_ADDRESS_OPTION}=${shown(address)} needs ${PUBLISH_OPTION}=floating-ip: give that too, or leave it out`,
    )
  }
  if (by !== 'floating-ip') {
    throw new RangeError(
      `option ${PUBLISH_OPTION}=${shown(by)}: expected floating-ip, the only way to publish; leave the option out to publish nothing`,
    )
  }
  return address === undefined ? { by } : { by, address: readFloatingIp(address) }
}

function readFloatingIp(text: string): string {
  const expected = `option ${PUBLISH_ADDRESS_OPTION}=${shown(text)}: expected the IPv4 address of a floating IP, like 203.0.113.7`
  try {
    const address = parseIpAddress(text)
    if (address.version === 4) return formatIpAddress(address)
  } catch (cause) {
    throw new RangeError(expected, { cause })
  }
  throw new RangeError(expected)
}

function shown(text: string): string {
  return JSON.stringify(text).slice(0, 200)
}
