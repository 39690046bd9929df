import { type Cidr, formatCidr, parseCidr } from '../addressing/cidr.ts'

/** Prefixes that no container network can have, and why. */
const UNUSABLE: [string, string][] = [
  ['0.0.0.0/8', 'this host on this network (RFC 1122)'],
  ['127.0.0.0/8', 'the loopback range'],
  ['224.0.0.0/3', 'multicast and reserved'],
  ['::/16', 'reserved (loopback, IPv4-mapped)'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
]

/**
 * The CIDR of a subnet that containers can live in: at least two of IPv4's usable addresses, at most a /8 (IPv6: /32),
 * and not of a range with another meaning.
 *
 * @param origin the option it came from, for the message: `--subnet`
 * @throws {RangeError}
 */
export function readContainerCidr(text: string, origin: string): Cidr {
  const cidr = explain(origin, () => parseCidr(text))
  const [shortest, longest] = cidr.version === 4 ? [8, 30] : [32, 126]
  if (cidr.prefixLength < shortest || cidr.prefixLength > longest) {
    throw new RangeError(
      `${origin} ${text}: expected a prefix length from ${shortest} to ${longest} for IPv${cidr.version}, got ${cidr.prefixLength}`,
    )
  }
  for (const [prefix, meaning] of UNUSABLE) {
    const range = parseCidr(prefix)
    if (range.version === cidr.version && range.first <= cidr.last && cidr.first <= range.last) {
      throw new RangeError(
        `${origin} ${text} lies in ${prefix}, ${meaning}: choose one for containers, like ${cidr.version === 4 ? '10.0.0.0/24' : 'fd00::/64'}`,
      )
    }
  }
  return cidr
}

/** `--ip-range` if given, else `--subnet`: upstream's meaning, the Neutron subnet has the ip-range's CIDR. */
export function readPoolCidr(subnet: string, ipRange: string, version: 4 | 6): Cidr | undefined {
  const outer = subnet === '' ? undefined : readContainerCidr(subnet, '--subnet')
  const inner = ipRange === '' ? undefined : readContainerCidr(ipRange, '--ip-range')
  if (outer && inner && (inner.version !== outer.version || inner.first < outer.first || inner.last > outer.last)) {
    throw new RangeError(`--ip-range ${ipRange} does not lie in --subnet ${subnet}`)
  }
  const cidr = inner ?? outer
  if (cidr && cidr.version !== version) {
    throw new RangeError(`${formatCidr(cidr)} is IPv${cidr.version}, but Docker asks for an IPv${version} pool`)
  }
  return cidr
}

function explain<T>(origin: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new RangeError(`${origin}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
