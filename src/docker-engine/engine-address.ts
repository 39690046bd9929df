import { isAbsolute } from 'node:path'

/** Where an engine listens. */
export type EngineAddress = { kind: 'unix'; path: string } | { kind: 'tcp'; host: string; port: number }

/** Longest path of a Unix socket on Linux, in bytes (`sun_path` less its NUL). */
const longestSocketPath = 107

const expected = 'expected unix:///path/of/socket, or tcp://host:port'

/**
 * Reads what `DOCKER_HOST` may be: `unix:///path` or `tcp://host:port`; without port, 2376 with TLS and 2375 without, as
 * Docker's own command line has it.
 * @throws {Error} naming the text and what was expected.
 */
export function parseEngineAddress(text: string, tls: boolean): EngineAddress {
  if (text.startsWith('unix://')) return unixAddress(text)
  if (/^(ssh|npipe|fd):\/\//.test(text)) {
    throw new Error(`cannot reach a Docker engine over ${shown(text)}: ${expected}, of the engine on this host`)
  }
  const url = text.startsWith('tcp://') ? parsed(`http://${text.slice('tcp://'.length)}`) : undefined
  const bare = url?.pathname === '/' && `${url.search}${url.hash}${url.username}${url.password}` === ''
  if (url === undefined || !bare || url.port === '0')
    throw new Error(`no address of a Docker engine: ${shown(text)}: ${expected}`)
  // URL leaves out the port that is HTTP's own.
  const port = /:80\/?$/.test(text) ? 80 : Number(url.port || (tls ? 2376 : 2375))
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

/** The address as messages name it. */
export function addressText(address: EngineAddress): string {
  return address.kind === 'unix' ? `unix://${address.path}` : `tcp://${hostAndPort(address)}`
}

/** For the host part of a URL: IPv6 addresses in brackets. */
export function hostAndPort({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function unixAddress(text: string): EngineAddress {
  const path = text.slice('unix://'.length)
  if (!isAbsolute(path) || path.endsWith('/') || path.includes('\0')) {
    throw new Error(
      `no address of a Docker engine: ${shown(text)}: expected an absolute path of a socket after unix://`,
    )
  }
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new Error(
      `the path of the Docker engine's socket ${shown(text)} is longer than ${longestSocketPath} bytes, Linux's limit`,
    )
  }
  return { kind: 'unix', path }
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

/** A password in a URL is nobody's business. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/\/\/[^/]*@/, '//…@').slice(0, 200))
}
