import type { FastifyRequest } from 'fastify'

/** The URL that the client asked for, as it sees this server: the links in answers lead back the same way. */
export function requestUrl(request: FastifyRequest): URL {
  return new URL(request.url, baseUrl(request))
}

/** `http://host:port/` of this server as the client sees it; its own address when the `Host` header is unusable. */
export function baseUrl(request: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort = 0 } = request.socket
  const own = `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}/`
  const host = request.headers.host ?? ''
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}/`) ? `http://${host}/` : own
}
