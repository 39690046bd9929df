import { isIPv4 } from 'node:net'
import { isAbsolute } from 'node:path'
import { quoted } from './quoted-value.ts'

/** Where the plugin listens. */
export type PluginAddress = { kind: 'unix'; path: string } | { kind: 'tcp'; tls: boolean; host: string; port: number }

/**
 * Reads `unix:///path`, `http://host:port` or `https://host:port`.
 * @throws {Error} naming the text and what was expected.
 */
export function parsePluginAddress(uri: string): PluginAddress {
  if (uri.startsWith('unix://')) return unixAddress(uri)
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.username !== '') {
    throw new Error(`cannot listen on ${quoted(uri)}: expected unix:///path, http://host:port or https://host:port`)
  }
  const tls = url.protocol === 'https:'
  const defaultPort = tls ? 443 : 80
  return {
    kind: 'tcp',
    tls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** Longest path of a Unix socket on Linux, in bytes (`sun_path` less its NUL). */
const longestSocketPath = 107

function unixAddress(uri: string): PluginAddress {
  const path = uri.slice('unix://'.length)
  if (!isAbsolute(path) || path.endsWith('/') || path.includes('\0')) {
    throw new Error(`cannot listen on ${quoted(uri)}: expected an absolute path of a socket after unix://`)
  }
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new Error(
      `cannot listen on ${quoted(uri)}: the path is longer than ${longestSocketPath} bytes, Linux's limit for a socket`,
    )
  }
  return { kind: 'unix', path }
}
