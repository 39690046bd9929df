import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendWireError } from './wire-error.ts'

/** Lets a request pass (`undefined`) or answers it. */
export type Gate = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** The gate of a server with a token: every request needs it as `X-Auth-Token`. Compared in constant time. */
export function tokenGate(token: string): Gate {
  const expected = digest(token)
  return async (request, reply) => {
    const given = request.headers['x-auth-token']
    if (typeof given === 'string' && timingSafeEqual(digest(given), expected)) return undefined
    const message =
      given === undefined
        ? 'The request you have made requires authentication: send the token of this service as X-Auth-Token.'
        : 'The request you have made requires authentication: the X-Auth-Token is not the token of this service.'
    // The shape of keystonemiddleware, which stands before a real Neutron.
    return reply
      .code(401)
      .header('WWW-Authenticate', 'Keystone uri="none"')
      .send({ error: { code: 401, title: 'Unauthorized', message } })
  }
}

/**
 * The gate of a server without a token, which trusts this machine's programs, but not the web pages in its browsers:
 * those are known by an `Origin`, or by a name of their own (DNS rebinding) in `Host`.
 */
export const browserGate: Gate = async (request, reply) => {
  if (request.headers.origin === undefined && isMachineAddress(request.headers.host)) return undefined
  return sendWireError(reply, {
    status: 403,
    type: 'PolicyNotAuthorized',
    message:
      'A service without a token answers no web pages: use its address or localhost as the host, send no Origin, ' +
      'or give the service a token.',
  })
}

/** Whether a `Host` header is an address or `localhost`: what no name server can give a meaning to. */
function isMachineAddress(header: string | undefined): boolean {
  if (header === undefined || header === '') return true
  if (!URL.canParse(`http://${header}/`)) return false
  const { hostname } = new URL(`http://${header}/`)
  return hostname === 'localhost' || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
