import type { EtcdLog } from '../etcd/etcd-client.ts'
import type { EtcdTls } from '../etcd/etcd-connection.ts'
import { openEtcdStore } from './etcd/etcd-store.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'

/** What a store may need beside its URL. */
export interface OpenStoreOptions {
  /** Told of losses of etcd that mend themselves. */
  log: EtcdLog
  /** For etcd: with it the connection is encrypted, also under `etcd://`. `etcds://` without it trusts the system's CAs. */
  tls?: EtcdTls
  username?: string
  password?: string
  /** For etcd: how long a call may take, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** Where a store is, read from its URL. */
export type StoreAddress =
  { kind: 'sqlite'; path: string } | { kind: 'etcd'; endpoints: string[]; prefix: string; encrypted: boolean }

const forms = 'sqlite:///path/to/file, etcd://host:2379[,host:2379…][/prefix] or etcds://… (TLS)'

/**
 * Opens the store that `url` names: see {@link parseStoreUrl}. For etcd it returns whether etcd is up or not.
 * @throws {TypeError} for a URL of no accepted form; {@link StoreFileError} for a SQLite file that cannot be used.
 */
export function openStore(url: string, { tls, ...options }: OpenStoreOptions): Store {
  const address = parseStoreUrl(url)
  if (address.kind === 'sqlite') return openSqliteStore({ path: address.path })
  const { endpoints, prefix, encrypted } = address
  const security = tls ?? (encrypted ? {} : undefined)
  return openEtcdStore({ ...options, endpoints, prefix, ...(security === undefined ? {} : { tls: security }) })
}

/**
 * Reads `sqlite:///path` (percent-escapes allowed), `etcd://h1:2379,h2:2379[/prefix]` (port 2379 and prefix `/kuryr/`
 * where none is given) and `etcds://…`.
 * @throws {TypeError} naming what was wrong and the accepted forms.
 */
export function parseStoreUrl(url: string): StoreAddress {
  const scheme = /^(sqlite|etcds?):\/\//.exec(url)?.[1]
  if (scheme === 'sqlite') return { kind: 'sqlite', path: sqlitePath(url) }
  if (scheme === undefined) throw wrong(url, 'its scheme is none of sqlite, etcd, etcds')
  const [hosts = '', ...path] = url.slice(`${scheme}://`.length).split('/')
  const names = path.filter(name => name !== '')
  return {
    kind: 'etcd',
    endpoints: hosts.split(',').map(host => endpointOf(url, host)),
    prefix: names.length === 0 ? '/kuryr/' : `/${names.join('/')}/`,
    encrypted: scheme === 'etcds',
  }
}

function sqlitePath(url: string): string {
  const parsed = URL.parse(url)
  if (parsed?.host !== '' || parsed.pathname.length < 2 || parsed.pathname.endsWith('/')) {
    throw wrong(url, 'it names no absolute path of a file')
  }
  if (parsed.search !== '' || parsed.hash !== '') throw wrong(url, 'a ? or # in the path is written %3F or %23')
  try {
    return decodeURIComponent(parsed.pathname)
  } catch (cause) {
    throw wrong(url, 'a % in the path is written %25', cause)
  }
}

function endpointOf(url: string, host: string): string {
  if (host.includes('@')) throw wrong(url, 'user and password are options of their own')
  // `http` only to have the parts of host:port checked by the standard's parser.
  const parsed = URL.parse(`http://${host}/`)
  if (!parsed?.host || /[/?#\s]/.test(host)) {
    throw wrong(url, `${JSON.stringify(host)} is no host:port`)
  }
  return /:\d+$/.test(host) ? host : `${host}:2379`
}

function wrong(url: string, reason: string, cause?: unknown): TypeError {
  // A password that somebody put into the URL must not reach a log.
  const shown = url.replace(/\/\/.*@/s, '//***@')
  return new TypeError(`the store URL ${JSON.stringify(shown)} cannot be used: ${reason}; expected ${forms}`, { cause })
}
