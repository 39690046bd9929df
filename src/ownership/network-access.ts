import type { AccessServices } from '../neutron/access.ts'
import type { Call } from '../neutron/neutron.ts'
import { accessTags, type NetworkAccess } from './access-marks.ts'
import { type Publishing, PUBLISH_OPTION, SECURITY_GROUPS_OPTION } from './access-options.ts'
import { findOwnFirst } from './find-own-first.ts'
import type { Named } from './named.ts'

/** What a network's options say of access, before names are looked up. */
export interface WantedAccess {
  /** None: not said. */
  securityGroups: Named[]
  publish: Publishing | undefined
}

/**
 * Looks up what the options name: no request where they name nothing.
 *
 * @throws {RangeError} where the network service cannot do it; for a group that is not there, or whose name is ambiguous.
 */
export async function resolveAccess(
  access: AccessServices | undefined,
  { securityGroups, publish }: WantedAccess,
  call: Call,
): Promise<NetworkAccess> {
  if (publish) needOpenStack(access, PUBLISH_OPTION)
  if (securityGroups.length === 0) return { securityGroups: [], publish }
  const service = needOpenStack(access, SECURITY_GROUPS_OPTION)
  const search = { kind: 'security group', option: SECURITY_GROUPS_OPTION, access: service }
  const found = await findOwnFirst({ ...search, collection: service.securityGroups }, securityGroups, call)
  return { securityGroups: [...new Set(found)], publish }
}

/** @throws {RangeError} with the embedded Neutron, which lets everybody in a network reach everybody there. */
export function needOpenStack(access: AccessServices | undefined, option: string): AccessServices {
  if (access) return access
  throw new RangeError(
    `option ${option} needs an OpenStack Neutron, but the one embedded in kuryr is in use, which has no security groups, QoS policies or floating IPs: leave the option out, or set auth_url or cloud in [neutron] of kuryr.conf`,
  )
}

/**
 * What `-o` says, and where it says nothing, `--ipam-opt`.
 *
 * @throws {RangeError} where they contradict each other.
 */
export function mergeAccess(byOption: NetworkAccess, byIpamOption: NetworkAccess): NetworkAccess {
  const { securityGroups, publish } = byOption
  const merged = {
    securityGroups: securityGroups.length > 0 ? securityGroups : byIpamOption.securityGroups,
    publish: publish ?? byIpamOption.publish,
  }
  const tags = accessTags(merged)
  const contradiction = accessTags(byIpamOption).find(tag => !tags.includes(tag))
  if (contradiction === undefined) return merged
  throw new RangeError(
    `--ipam-opt says ${contradiction}, but -o says ${accessTags(byOption).join(', ')}: give ${SECURITY_GROUPS_OPTION} and ${PUBLISH_OPTION} with one of them only, or the same with both`,
  )
}
