import { type Cidr, firstHost, formatCidr, isHostAddress } from '../../addressing/cidr.ts'
import { canonicalIpAddress, formatIpAddress } from '../../addressing/ip-address.ts'
import type { AllocationPool, HostRoute } from '../../neutron/resources.ts'
import {
  checkedAllocationPools,
  checkGatewayOutsidePools,
  defaultAllocationPools,
} from '../addresses/allocation-pools.ts'
import { addressBits } from '../addresses/prefix-space.ts'
import { addressAttribute, cidrAttribute, invalidOperation } from '../refusals.ts'

/** IPv6 routers are usually known by a link-local address, which is in no subnet. */
const linkLocal = cidrAttribute('link-local', 'fe80::/10')

/** @throws NeutronError InvalidInput for a block that cannot be a subnet */
export function checkSubnetCidr(
  cidr: Cidr,
  { ipVersion, enableDhcp }: { ipVersion: number | undefined; enableDhcp: boolean },
): void {
  const text = formatCidr(cidr)
  if (ipVersion !== undefined && ipVersion !== cidr.version) {
    throw invalidOperation(`cidr '${text}' does not match the ip_version '${ipVersion}'`)
  }
  if (cidr.prefixLength === 0) throw invalidOperation(`'${text}': 0 is not allowed as CIDR prefix length`)
  if (!enableDhcp) return
  if (addressBits(cidr.version) - cidr.prefixLength < 2) {
    throw invalidOperation(`'${text}': Subnet has a prefix length that is incompatible with DHCP service enabled`)
  }
  for (const [kind, block] of [
    ['Multicast', '224.0.0.0/4'],
    ['Loopback', '127.0.0.0/8'],
    ['Multicast', 'ff00::/8'],
  ] as const) {
    const special = cidrAttribute('cidr', block)
    if (special.version === cidr.version && cidr.first >= special.first && cidr.first <= special.last) {
      throw invalidOperation(`'${text}': ${kind} IP subnet is not supported if enable_dhcp is True`)
    }
  }
}

/**
 * The gateway in canonical form: as asked, none for `null`, else the block's first address: in IPv6 that is the
 * subnet-router anycast address, as in OpenStack.
 * @throws NeutronError HTTPBadRequest, InvalidInput
 */
export function chooseGateway(cidr: Cidr, wanted: string | null | undefined): string | null {
  if (wanted === null) return null
  if (wanted === undefined) return defaultGateway(cidr)
  const address = addressAttribute('gateway_ip', wanted)
  const reachable = address.version === 6 && address.value >= linkLocal.first && address.value <= linkLocal.last
  const router = address.version === 6 && address.value === cidr.first
  const usable = cidr.version === address.version && (reachable || router || isHostAddress(cidr, address))
  if (usable) return formatIpAddress(address)
  throw invalidOperation(
    `Gateway ${wanted} is not valid on subnet ${formatCidr(cidr)}: expected one of its host addresses`,
  )
}

function defaultGateway(cidr: Cidr): string | null {
  if (cidr.first === cidr.last) return null
  return formatIpAddress(cidr.version === 6 ? { version: 6, value: cidr.first } : firstHost(cidr))
}

/** The allocation pools: those asked for, checked, or all that is left beside the gateway. @throws NeutronError */
export function choosePools(
  cidr: Cidr,
  gateway: string | null,
  wanted: readonly AllocationPool[] | undefined,
): AllocationPool[] {
  const pools = wanted ? checkedAllocationPools(cidr, wanted) : defaultAllocationPools(cidr, gateway)
  if (cidr.first !== cidr.last) checkGatewayOutsidePools(gateway, pools)
  return pools
}

/** @throws NeutronError HTTPBadRequest, InvalidInput */
export function checkedHostRoutes(cidr: Cidr, routes: readonly HostRoute[]): HostRoute[] {
  return routes.map(({ destination, nexthop }) => {
    const block = cidrAttribute('host_routes', destination)
    const hop = addressAttribute('host_routes', nexthop)
    if (block.version !== cidr.version || hop.version !== cidr.version) {
      throw invalidOperation(`host route ${destination} via ${nexthop} is not of IPv${cidr.version} as the subnet is`)
    }
    return { destination: formatCidr(block), nexthop: formatIpAddress(hop) }
  })
}

/** @throws NeutronError HTTPBadRequest */
export function checkedNameservers(nameservers: readonly string[]): string[] {
  return nameservers.map(nameserver => {
    addressAttribute('dns_nameservers', nameserver)
    return canonicalIpAddress(nameserver)
  })
}
