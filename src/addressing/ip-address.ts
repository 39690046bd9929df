import ipaddr from 'ipaddr.js'

/** An IP address as a number, with its family: what arithmetic needs. */
export interface IpAddress {
  version: 4 | 6
  value: bigint
}

/**
 * Reads an address in its usual text form: four decimal numbers, or RFC 4291. IPv4 in other bases, zone indexes and
 * IPv4-mapped IPv6 addresses are refused.
 *
 * @throws {RangeError} naming the text and what was expected.
 */
export function parseIpAddress(text: string): IpAddress {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { version: 4, value: toNumber(ipaddr.IPv4.parse(text)) }
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    const address = ipaddr.IPv6.parse(text)
    if (!address.isIPv4MappedAddress()) return { version: 6, value: toNumber(address) }
    throw new RangeError(`'${text}' is an IPv4-mapped IPv6 address: expected ${address.toIPv4Address().toString()}`)
  }
  throw new RangeError(`'${text}' is not an IP address: expected one like 10.0.0.1 or fd00::1`)
}

/** The canonical text of an address (RFC 5952 for IPv6). */
export function formatIpAddress({ version, value }: IpAddress): string {
  const length = version === 4 ? 4 : 16
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn))
  return ipaddr.fromByteArray(bytes).toString()
}

/** The canonical form of an address text: `FD00::0001` is `fd00::1`. @throws {RangeError} as {@link parseIpAddress}. */
export function canonicalIpAddress(text: string): string {
  return formatIpAddress(parseIpAddress(text))
}

function toNumber(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}
