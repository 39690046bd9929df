import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts'

/** A network prefix: its first and last address, both inclusive. */
export interface Cidr {
  version: 4 | 6
  first: bigint
  last: bigint
  prefixLength: number
}

/**
 * Reads `10.0.0.0/24` or `fd00::/64`.
 *
 * @throws {RangeError} when it is none, or has host bits set (the message names the prefix that was probably meant).
 */
export function parseCidr(text: string): Cidr {
  const { cidr, address } = parseInterfaceAddress(text)
  if (address.value !== cidr.first) {
    throw new RangeError(`'${text}' has host bits set: expected a network address like ${formatCidr(cidr)}`)
  }
  return cidr
}

/** Reads an address with prefix length, as an interface has it: `10.0.0.7/24`. @throws {RangeError} */
export function parseInterfaceAddress(text: string): { address: IpAddress; cidr: Cidr } {
  const [, host, length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  if (host === undefined || length === undefined) {
    throw new RangeError(`'${text}' is not a CIDR: expected one like 10.0.0.0/24 or fd00::/64`)
  }
  const address = parseIpAddress(host)
  const width = widthOf(address.version)
  const prefixLength = Number(length)
  if (prefixLength > width) {
    throw new RangeError(`'${text}' has a prefix length over ${width}, the most that IPv${address.version} has`)
  }
  const size = 1n << BigInt(width - prefixLength)
  const first = address.value - (address.value % size)
  return { address, cidr: { version: address.version, first, last: first + size - 1n, prefixLength } }
}

/** The text of a prefix, canonical. */
export function formatCidr({ version, first, prefixLength }: Cidr): string {
  return `${formatIpAddress({ version, value: first })}/${prefixLength}`
}

/** Whether the address lies in the prefix. */
export function containsAddress(cidr: Cidr, address: IpAddress): boolean {
  return cidr.version === address.version && cidr.first <= address.value && address.value <= cidr.last
}

/** Whether `inner` lies wholly in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.version === other.version && one.first <= other.last && other.first <= one.last
}

/** The first address that a host may have: the one after the network's own. */
export function firstHost(cidr: Cidr): IpAddress {
  return { version: cidr.version, value: cidr.first + 1n }
}

/**
 * Whether a host may have this address: in the prefix, and neither the network's own address nor (IPv4) its broadcast
 * address. Prefixes of one or two addresses have neither (RFC 3021, RFC 6164).
 */
export function isHostAddress(cidr: Cidr, address: IpAddress): boolean {
  if (!containsAddress(cidr, address)) return false
  if (cidr.last - cidr.first < 2n) return true
  return address.value !== cidr.first && (cidr.version === 6 || address.value !== cidr.last)
}

function widthOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128
}
