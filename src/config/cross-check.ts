import { isLoopback, parseHostPort, parseListenUri, parseStoreUrl } from './address-types.ts'
import type { ConfigProblem } from './config-error.ts'
import type { Config } from './option-table.ts'
import type { ConfigOrigins } from './setting.ts'
import { describeOrigin } from './setting.ts'

/** What is wrong or odd between options that are each right by themselves. */
export function crossCheck(
  config: Config,
  origins: ConfigOrigins,
): { problems: ConfigProblem[]; warnings: ConfigProblem[] } {
  const problems = [
    ...pluginProblems(config, origins),
    ...apiProblems(config, origins),
    ...storeProblems(config, origins),
  ]
  return { problems, warnings: oddities(config, origins) }
}

function pluginProblems(config: Config, origins: ConfigOrigins): ConfigProblem[] {
  const { kuryr_uri: uri, enable_ssl: tls, ssl_ca_file: clientAuthorities } = config.DEFAULT
  const where = describeOrigin(origins.DEFAULT.kuryr_uri)
  const address = parseListenUri(uri)
  if (address?.kind !== 'tcp') return []
  if (uri.startsWith('https:') && !tls) {
    return [{ where, what: `[DEFAULT] kuryr_uri: ${uri} asks for TLS: set enable_ssl = true as well` }]
  }
  if (tls && clientAuthorities === undefined) {
    const what = '[DEFAULT] enable_ssl: set ssl_ca_file too, the authorities of the clients that may call the plugin'
    return [{ where: describeOrigin(origins.DEFAULT.enable_ssl), what }]
  }
  if (tls || isLoopback(address.host)) return []
  const what =
    `[DEFAULT] kuryr_uri: ${uri} can be reached from other machines, and who calls the plugin is root here: ` +
    'set enable_ssl = true and ssl_ca_file, or listen on 127.0.0.1 or unix:///run/docker/plugins/kuryr.sock'
  return [{ where, what }]
}

function apiProblems({ neutron_service: service }: Config, origins: ConfigOrigins): ConfigProblem[] {
  const address = service.bind === undefined ? undefined : parseHostPort(service.bind)
  if (!address || isLoopback(address.host) || service.token !== undefined) return []
  const what = `[neutron_service] bind: ${service.bind ?? ''} can be reached from other machines: set token, or bind to 127.0.0.1`
  return [{ where: describeOrigin(origins.neutron_service.bind), what }]
}

function storeProblems(config: Config, origins: ConfigOrigins): ConfigProblem[] {
  return [...halfPairs(config, origins), ...wrongLogins(config, origins)]
}

function wrongLogins({ store }: Config, origins: ConfigOrigins): ConfigProblem[] {
  const consul = parseStoreUrl(store.url)?.kind === 'consul'
  if (consul && store.username !== undefined) {
    const what = '[store] username: Consul knows no users: set token'
    return [{ where: describeOrigin(origins.store.username), what }]
  }
  if (consul || store.token === undefined) return []
  const what = '[store] token: only Consul takes one: set username and password'
  return [{ where: describeOrigin(origins.store.token), what }]
}

function halfPairs({ store }: Config, origins: ConfigOrigins): ConfigProblem[] {
  const pairs = [
    ['cert_file', 'key_file'],
    ['username', 'password'],
  ] as const
  return pairs.flatMap(([first, second]) => {
    if ((store[first] === undefined) === (store[second] === undefined)) return []
    const [is, missing] = store[first] === undefined ? [second, first] : [first, second]
    return [{ where: describeOrigin(origins.store[is]), what: `[store] ${is} is set and ${missing} is not: set both` }]
  })
}

function oddities(config: Config, origins: ConfigOrigins): ConfigProblem[] {
  const found: ConfigProblem[] = []
  const { auth_url, auth_type, cloud } = config.neutron
  const embedded = (auth_url ?? auth_type ?? cloud) === undefined
  if (embedded && config.DEFAULT.capability_scope === 'global' && parseStoreUrl(config.store.url)?.kind === 'sqlite') {
    found.push({
      where: describeOrigin(origins.DEFAULT.capability_scope),
      what: 'capability_scope is global, and the store is of this host alone: the other hosts will not find the networks; set [store] url = etcd://…',
    })
  }
  const metrics = config.DEFAULT.metrics_bind
  const host = metrics === undefined ? undefined : parseHostPort(metrics)?.host
  if (host !== undefined && !isLoopback(host)) {
    const what = `[DEFAULT] metrics_bind: ${metrics ?? ''} can be read from other machines, by anybody`
    found.push({ where: describeOrigin(origins.DEFAULT.metrics_bind), what })
  }
  return found
}
