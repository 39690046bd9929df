import type { EtcdLog } from '../etcd/etcd-client.ts'
import type { EtcdTls } from '../etcd/etcd-connection.ts'
import { openConsulStore } from './consul/open-consul-store.ts'
import { openEtcdStore } from './etcd/etcd-store.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'
import { openZooKeeperStore } from './zookeeper/open-zookeeper-store.ts'

/** What a store may need beside its URL. */
export interface OpenStoreOptions {
  /** Told of losses of the server that mend themselves. */
  log: EtcdLog
  /** For a server: with it the connection is encrypted, also under `etcd://`. `etcds://` without it trusts the system's CAs. */
  tls?: EtcdTls
  /** For etcd and ZooKeeper. */
  username?: string
  password?: string
  /** For Consul. */
  token?: string
  /** For a server: how long a call may take, in milliseconds. Default 5000. */
  timeoutMs?: number
}

/** Where a store is, read from its URL. */
export type StoreAddress =
  { kind: 'sqlite'; path: string } | { kind: ServerKind; endpoints: string[]; prefix: string; encrypted: boolean }

type ServerKind = keyof typeof servers

/** For each server the port where the URL gives none, without and with TLS, and the prefix as the server writes it. */
const servers = {
  etcd: { ports: [2379, 2379], prefix: (path: string) => `/${path}/` },
  consul: { ports: [8500, 8501], prefix: (path: string) => `${path}/` },
  zk: { ports: [2181, 2281], prefix: (path: string) => `/${path}` },
} as const

const forms =
  'sqlite:///path/to/file, etcd://host:2379[,host:2379…][/prefix], consul://host:8500[,…][/prefix], ' +
  'zk://host:2181[,…][/prefix], or etcds://, consuls://, zks:// (TLS)'

/**
 * Opens the store that `url` names: see {@link parseStoreUrl}. For a server it returns whether that is up or not.
 * @throws {TypeError} for a URL of no accepted form; {@link StoreFileError} for a SQLite file that cannot be used.
 */
export function openStore(url: string, { tls, username, password, token, ...options }: OpenStoreOptions): Store {
  const address = parseStoreUrl(url)
  if (address.kind === 'sqlite') return openSqliteStore({ path: address.path })
  const { endpoints, prefix, encrypted } = address
  const security = tls ?? (encrypted ? {} : undefined)
  const place = { ...options, endpoints, prefix, ...(security && { tls: security }) }
  if (address.kind === 'consul') return openConsulStore({ ...place, ...(token !== undefined && { token }) })
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
  return address.kind === 'etcd' ? openEtcdStore({ ...place, ...login }) : openZooKeeperStore({ ...place, ...login })
}

/**
 * Reads `sqlite:///path` (percent-escapes allowed) and `etcd://h1:2379,h2:2379[/prefix]`, likewise `consul` and `zk`, each
 * also with an `s` for TLS (the server's usual port and the prefix `kuryr` where none is given).
 * @throws {TypeError} naming what was wrong and the accepted forms.
 */
export function parseStoreUrl(url: string): StoreAddress {
  const [, scheme, secure] = /^(sqlite|etcd|consul|zk)(s?):\/\//.exec(url) ?? []
  if (scheme === 'sqlite' && secure === '') return { kind: 'sqlite', path: sqlitePath(url) }
  if (!isServer(scheme)) throw wrong(url, 'its scheme is none of sqlite, etcd, consul, zk, etcds, consuls, zks')
  const encrypted = secure === 's'
  const [hosts = '', ...path] = url.slice(url.indexOf('://') + 3).split('/')
  const names = path.filter(name => name !== '')
  const port = servers[scheme].ports[encrypted ? 1 : 0]
  return {
    kind: scheme,
    endpoints: hosts.split(',').map(host => endpointOf(url, host, port)),
    prefix: servers[scheme].prefix(names.length === 0 ? 'kuryr' : names.join('/')),
    encrypted,
  }
}

function isServer(scheme: string | undefined): scheme is ServerKind {
  return scheme !== undefined && scheme in servers
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

function endpointOf(url: string, host: string, port: number): string {
  if (host.includes('@')) throw wrong(url, 'user and password are options of their own')
  // `http` only to have the parts of host:port checked by the standard's parser.
  const parsed = URL.parse(`http://${host}/`)
  if (!parsed?.host || /[/?#\s]/.test(host)) {
    throw wrong(url, `${JSON.stringify(host)} is no host:port`)
  }
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}

function wrong(url: string, reason: string, cause?: unknown): TypeError {
  // A password that somebody put into the URL must not reach a log.
  const shown = url.replace(/\/\/.*@/s, '//***@')
  return new TypeError(`the store URL ${JSON.stringify(shown)} cannot be used: ${reason}; expected ${forms}`, { cause })
}
