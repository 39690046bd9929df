import { isIP } from 'node:net'
import { parsePluginAddress } from './plugin-address.ts'

/** The certificates that Docker shows and checks: paths as dockerd sees them. */
export interface DockerTls {
  caFile: string
  certFile: string
  keyFile: string
}

/** A file that tells Docker where the plugin is, to be placed in `/etc/docker/plugins`. Needed for TCP only: Docker finds sockets itself. */
export interface PluginSpec {
  fileName: string
  text: string
}

/**
 * The spec of a plugin that listens on `uri`: `kuryr.spec` with the bare address, or with TLS `kuryr.json`.
 * A wildcard host becomes loopback, since the file is for the dockerd beside us.
 */
export function pluginSpec(uri: string, tls?: DockerTls): PluginSpec {
  const address = dockersAddress(uri, tls !== undefined)
  if (tls === undefined) return { fileName: 'kuryr.spec', text: `${address}\n` }
  const { caFile: CAFile, certFile: CertFile, keyFile: KeyFile } = tls
  const json = { Name: 'kuryr', Addr: address, TLSConfig: { InsecureSkipVerify: false, CAFile, CertFile, KeyFile } }
  return { fileName: 'kuryr.json', text: `${JSON.stringify(json, null, 2)}\n` }
}

function dockersAddress(uri: string, tls: boolean): string {
  const address = parsePluginAddress(uri)
  if (address.kind === 'unix') return `unix://${address.path}`
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address.host] ?? address.host
  return `${address.tls || tls ? 'https' : 'http'}://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${address.port}`
}
