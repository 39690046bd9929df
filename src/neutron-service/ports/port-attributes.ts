import { formatCidr, parseInterfaceAddress } from '../../addressing/cidr.ts'
import { formatIpAddress } from '../../addressing/ip-address.ts'
import type { Port } from '../../neutron/resources.ts'
import { invalidInput } from '../bodies/body-reader.ts'
import { addressAttribute, invalidOperation } from '../refusals.ts'
import { checkedMac } from './mac-address.ts'

/** Characters of a binding profile as JSON: Neutron's limit. */
const longestProfile = 4095

/** @throws NeutronError InvalidInput: what nobody would enforce must not be promised */
export function checkNoSecurityGroups(groups: readonly string[] | null | undefined): void {
  if (!groups || groups.length === 0) return
  throw invalidOperation(
    `security_groups ${groups.join(', ').slice(0, 80)}: the embedded Neutron has no security groups yet`,
  )
}

/** @throws NeutronError HTTPBadRequest for a profile that is too large */
export function checkedProfile(profile: Record<string, unknown> | null | undefined): Record<string, unknown> {
  const length = JSON.stringify(profile ?? {}).length
  if (length > longestProfile)
    throw invalidInput('binding:profile', `${length} characters are more than ${longestProfile}`)
  return profile ?? {}
}

/** @throws NeutronError HTTPBadRequest for a pair whose address or MAC is none */
export function checkedAddressPairs(pairs: Port['allowed_address_pairs']): Port['allowed_address_pairs'] {
  return pairs.map(pair => ({
    ip_address: addressOrPrefix(pair.ip_address),
    ...(pair.mac_address !== undefined && { mac_address: checkedMac(pair.mac_address) }),
  }))
}

function addressOrPrefix(text: string): string {
  if (!text.includes('/')) return formatIpAddress(addressAttribute('allowed_address_pairs', text))
  try {
    return formatCidr(parseInterfaceAddress(text).cidr)
  } catch (error) {
    throw invalidInput('allowed_address_pairs', error instanceof Error ? error.message : String(error))
  }
}
