import { isIP } from 'node:net'
import { HostNetworkError } from './host-network-error.ts'

/** The kernel's IFNAMSIZ less the closing zero. */
const longestInterfaceName = 15
const interfaceName = new RegExp(`^[A-Za-z0-9][A-Za-z0-9_-]{0,${longestInterfaceName - 1}}$`)
const namespaceName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
const macAddress = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Name of the host end of a port's veth, as OpenStack's agents expect it: `tap` and the first 11 characters of its id. */
export function hostInterfaceName(portId: string): string {
  return `tap${checkedUuid(portId).slice(0, 11)}`
}

/** Name of the container end while it waits in the host's namespace for Docker to take it: `t_c` and 11 characters. */
export function containerInterfaceName(portId: string): string {
  return `t_c${checkedUuid(portId).slice(0, 11)}`
}

/** Name of a network's bridge, as the linuxbridge agent expects it: `brq` and the first 11 characters of its id. */
export function networkBridgeName(networkId: string): string {
  return `brq${checkedUuid(networkId).slice(0, 11)}`
}

/**
 * Names of the links of a port that is plugged into Open vSwitch through a bridge, so that iptables can filter it: the
 * bridge, and the veth from it to the switch. They are those of OpenStack's agents.
 */
export function hybridPlugNames(portId: string): { bridge: string; bridgeEnd: string; switchEnd: string } {
  const short = checkedUuid(portId).slice(0, 11)
  return { bridge: `qbr${short}`, bridgeEnd: `qvb${short}`, switchEnd: `qvo${short}` }
}

/** Returns `name` if Linux and `ip` take it as an interface's name without surprises; throws {@link HostNetworkError}. */
export function checkedInterfaceName(name: string): string {
  return checked(name, interfaceName.test(name), `an interface name of 1-${longestInterfaceName} of A-Z a-z 0-9 _ -`)
}

/** Returns `name` if it may be a file below /run/netns; throws {@link HostNetworkError}. */
export function checkedNamespaceName(name: string): string {
  return checked(name, namespaceName.test(name), 'a namespace name of 1-63 of A-Z a-z 0-9 _ -')
}

/** Returns `mac` in lower case if it is a unicast MAC address with colons; throws {@link HostNetworkError}. */
export function checkedMac(mac: string): string {
  return checked(mac, macAddress.test(mac), 'a unicast MAC address such as fa:16:3e:00:00:01').toLowerCase()
}

/** Returns `address` if it is an IPv4 or IPv6 address without prefix and zone; throws {@link HostNetworkError}. */
export function checkedAddress(address: string): string {
  return checked(address, isIP(address) !== 0 && !address.includes('%'), 'an IP address')
}

/** Returns `value` as text if it is a whole number within `least` and `most`; throws {@link HostNetworkError}. */
export function checkedInteger(value: number, least: number, most: number): string {
  const ok = Number.isSafeInteger(value) && value >= least && value <= most
  return checked(String(value), ok, `a whole number from ${least} to ${most}`)
}

/** Returns `text` if it may be a link's alias without a quoting rule in its way; throws {@link HostNetworkError}. */
export function checkedRemark(text: string): string {
  return checked(text, /^[A-Za-z0-9_:.-]{1,200}$/.test(text), 'a remark of 1-200 of A-Z a-z 0-9 _ : . -')
}

function checkedUuid(id: string): string {
  return checked(id, uuid.test(id), 'a UUID in lower case')
}

function checked(value: string, ok: boolean, expected: string): string {
  if (ok) return value
  throw new HostNetworkError('invalid-argument', `expected ${expected}, got ${JSON.stringify(value)}`)
}
