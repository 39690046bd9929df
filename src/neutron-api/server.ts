import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Gate } from './access.ts'
import { parseJsonBody } from './json-body.ts'
import { sendWireError, wireErrorBody, wireErrorOf } from './wire-error.ts'

/** Longest request body, in bytes. */
const bodyLimit = 1024 * 1024

/**
 * An HTTP server without routes that keeps Neutron's manners in everything it answers by itself: a request id on each
 * answer, refusals in Neutron's shape, JSON whatever content type it comes under.
 */
export function makeServer({ log, gate }: { log: FastifyBaseLogger; gate: Gate }): FastifyInstance {
  const server: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // A tag has up to 255 characters, each up to 12 when escaped.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    genReqId: () => `req-${randomUUID()}`,
    frameworkErrors: (error, request, reply) => {
      addRequestId(reply, request.id)
      void sendWireError(reply, wireErrorOf(error, log))
    },
    clientErrorHandler: (error, socket) => refuseBrokenRequest(error, socket),
  })
  takeJsonOnly(server)
  server.addHook('onRequest', async (request, reply) => {
    addRequestId(reply, request.id)
    return gate(request, reply)
  })
  server.setErrorHandler(async (error, request, reply) => sendWireError(reply, wireErrorOf(error, request.log)))
  server.setNotFoundHandler(async (_request, reply) =>
    sendWireError(reply, { status: 404, type: 'HTTPNotFound', message: 'The resource could not be found.' }),
  )
  return server
}

function addRequestId(reply: { header(name: string, value: string): unknown }, id: string): void {
  reply.header('X-Openstack-Request-Id', id)
}

/** Every body is read as JSON: clients that say another content type, or none, mean JSON all the same. */
function takeJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Answers what is no HTTP at all, and hangs up. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const [reason, type] = tooLarge
    ? ['431 Request Header Fields Too Large', 'HTTPRequestHeaderFieldsTooLarge']
    : ['400 Bad Request', 'HTTPBadRequest']
  const body = JSON.stringify(wireErrorBody({ type, message: `Not a valid HTTP request: ${error.message}` }))
  const head = [
    `HTTP/1.1 ${reason}`,
    `X-Openstack-Request-Id: req-${randomUUID()}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
