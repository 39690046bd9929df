import { isIP } from 'node:net'
import type { OptionType } from './option.ts'

/** A host (name, IPv4 or IPv6 address without brackets) and a TCP port. */
export interface HostPort {
  host: string
  port: number
}

/** Splits `host:port`, the host in brackets if it is IPv6; undefined when it is neither. */
export function parseHostPort(value: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9_.-]+)):(\d{1,5})$/i.exec(value)
  const [, bracketed, plain, digits] = match ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65535) return undefined
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined
  // What looks like an IPv4 address must be one: 10.0.0.999 is no host name.
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) return undefined
  return { host, port }
}

/** Whether only this machine can reach what listens there. A name other than `localhost` counts as not. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** An IPv4 or IPv6 address. */
export const ipAddress: OptionType<string> = {
  words: 'an IPv4 or IPv6 address',
  parse: value => (isIP(value) === 0 ? { expected: ipAddress.words } : { value }),
  format: value => value,
}

/** `host:port` to listen on. */
export const hostPort: OptionType<string> = {
  words: 'host:port, such as 127.0.0.1:9696 or [::1]:9696',
  parse: value => (parseHostPort(value) ? { value } : { expected: hostPort.words }),
  format: value => value,
}

/** Where the plugin listens, taken apart. */
export type ListenAddress = { kind: 'unix'; path: string } | ({ kind: 'tcp' } & HostPort)

/**
 * Takes a `kuryr_uri` apart: `unix:///path`, or `http://host:port`, where `https` means the same (whether TLS is
 * spoken is `enable_ssl`'s to say). Undefined when it is neither.
 */
export function parseListenUri(uri: string): ListenAddress | undefined {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(uri) ?? []
  if (scheme === 'unix') {
    return isSocketPath(rest) ? { kind: 'unix', path: rest } : undefined
  }
  if (scheme !== 'http' && scheme !== 'https') return undefined
  const address = parseHostPort(rest.endsWith('/') ? rest.slice(0, -1) : rest)
  return address && { kind: 'tcp', ...address }
}

/** Linux keeps a socket's path in 108 bytes, a NUL at the end (`sun_path`). */
function isSocketPath(path: string): boolean {
  return path.startsWith('/') && !path.endsWith('/') && !path.includes('\0') && Buffer.byteLength(path) < 108
}

/** A `kuryr_uri`, kept as it is written; {@link parseListenUri} takes it apart. */
export const listenUri: OptionType<string> = {
  words: 'unix:///path/of.sock (up to 107 bytes of path) or http://host:port',
  parse: value => (parseListenUri(value) ? { value } : { expected: listenUri.words }),
  format: value => value,
}

/** A Docker engine's address. */
export const engineUri: OptionType<string> = {
  words: 'unix:///path/of.sock (up to 107 bytes of path) or tcp://host:port',
  parse(value) {
    const unix = value.startsWith('unix://') && isSocketPath(value.slice('unix://'.length))
    const tcp = value.startsWith('tcp://') && parseHostPort(value.slice('tcp://'.length))
    return unix || tcp ? { value } : { expected: engineUri.words }
  },
  format: value => value,
}

/** The stores that many hosts can share. */
const sharedStores = ['etcd', 'consul', 'zk'] as const

/** Where the embedded Neutron keeps its resources, taken apart. */
export type StoreLocation =
  { kind: 'sqlite'; path: string } | { kind: (typeof sharedStores)[number]; endpoints: HostPort[] }

/**
 * Takes a store's URL apart: `sqlite:///path`, or `etcd://host:port,host:port[/prefix]`, likewise `consul` and `zk`, each
 * also with an `s` for TLS; undefined when it is neither.
 */
export function parseStoreUrl(url: string): StoreLocation | undefined {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(url) ?? []
  if (scheme === 'sqlite') {
    return rest.startsWith('/') && !rest.includes('\0') ? { kind: 'sqlite', path: rest } : undefined
  }
  const kind = sharedStores.find(store => scheme === store || scheme === `${store}s`)
  const [, hosts = ''] = /^([^/]+)(?:\/[\w.-]+)*\/?$/.exec(rest) ?? []
  const endpoints = hosts.split(',').map(endpoint => parseHostPort(endpoint.trim()))
  return kind && endpoints.every(endpoint => endpoint !== undefined) ? { kind, endpoints } : undefined
}

/** A store's URL, kept as it is written; {@link parseStoreUrl} takes it apart. */
export const storeUrl: OptionType<string> = {
  words: 'sqlite:///path/of.db, etcd://host:2379,host:2379, consul://host:8500 or zk://host:2181',
  parse: value => (parseStoreUrl(value) ? { value } : { expected: storeUrl.words }),
  format: value => value,
}

/** A MAC address of one machine (not a group address), in lower case. */
export const unicastMac: OptionType<string> = {
  words: 'a unicast MAC address such as fa:16:3e:00:00:00',
  parse(value) {
    const mac = value.toLowerCase()
    // The lowest bit of the first octet marks a group (IEEE 802).
    return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac) ? { value: mac } : { expected: unicastMac.words }
  },
  format: value => value,
}

/** VXLAN network identifiers from `min` to `max`, both included. */
export interface VniRange {
  readonly min: number
  readonly max: number
}

const greatestVni = 2 ** 24 - 1

/** `min:max`, as Neutron writes `vni_ranges`. */
export const vniRange: OptionType<VniRange> = {
  words: `min:max, both from 1 to ${greatestVni}`,
  parse(value) {
    const [, min, max] = /^(\d{1,8}):(\d{1,8})$/.exec(value) ?? []
    const range = { min: Number(min), max: Number(max) }
    const good = range.min >= 1 && range.min <= range.max && range.max <= greatestVni
    return good ? { value: range } : { expected: vniRange.words }
  },
  format: ({ min, max }) => `${min}:${max}`,
}

/** An `http` or `https` address with a host. */
export const httpUrl: OptionType<string> = {
  words: 'an http:// or https:// URL',
  parse: value => (/^https?:\/\/[^\s/]/.test(value) && URL.canParse(value) ? { value } : { expected: httpUrl.words }),
  format: value => value,
}
