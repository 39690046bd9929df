import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type CallHandling, carryOut } from './call-handling.ts'
import { type ErrorAnswer, errorAnswer, pluginContentType } from './error-answer.ts'
import { addOperatorRoutes, type OperatorRoute } from './operator-routes.ts'
import { PluginError } from './plugin-error.ts'
import { protocolMethods, type ProtocolMethod } from './protocol-methods.ts'
import { quoted } from './quoted-value.ts'
import { type ReceivedBody, receiveBody } from './request-body.ts'
import type { RunningCalls } from './running-calls.ts'

/** What the routes of one listener need. */
export interface RoutesOptions {
  handling: CallHandling
  calls: RunningCalls
  /** While closing, calls that still come in over open connections are refused. */
  isClosing: () => boolean
  makeServer: (listener: RequestListener) => Server
  operatorRoutes: readonly OperatorRoute[]
}

/** An HTTP server (not listening yet) with one route per method of the protocol. */
export async function pluginRoutes(options: RoutesOptions): Promise<Server> {
  const app = fastify({
    serverFactory: listener => options.makeServer(listener),
    return503OnClosing: false,
    // The name of a host has up to 255 characters, each of them up to 12 when it is encoded.
    routerOptions: { maxParamLength: 255 * 12 },
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, _request, reply) => void sendError(reply, refusal(error)),
  })
  acceptAnyContentType(app)
  for (const [method, protocol] of Object.entries(protocolMethods)) addRoute(app, options, { method, protocol })
  addOperatorRoutes(app, options.operatorRoutes)
  app.setNotFoundHandler(answerUnknown)
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendError(reply, refusal(error)))
  await app.ready()
  return app.server
}

/** Docker sends no content type; whatever is sent, the body is read as JSON. */
function acceptAnyContentType(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: FastifyRequest, payload: FastifyRequest['raw']) =>
    receiveBody(payload),
  )
  app.addHook('onRequest', (request, _reply, done) => {
    delete request.headers['content-type']
    done()
  })
}

function addRoute(
  app: FastifyInstance,
  { handling, calls, isClosing }: RoutesOptions,
  { method, protocol }: { method: string; protocol: ProtocolMethod },
): void {
  app.post(`/${method}`, async (request, reply) => {
    if (isClosing()) return sendError(reply.header('connection', 'close'), errorAnswer(stopping))
    const body = (request.body ?? { bytes: Buffer.alloc(0) }) as ReceivedBody
    const running = calls.begin()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished && protocol.effect !== 'removes') {
        running.abort(`the caller closed the connection before the answer`)
      }
      calls.end(running)
    })
    const answer = await carryOut(handling, { method, protocol, body, running })
    if (isClosing() || ('tooLong' in body && !body.connectionUsable)) reply.header('connection', 'close')
    return reply.status(answer.status).header('content-type', pluginContentType).send(answer.text)
  })
}

const stopping = new PluginError(503, 'the daemon is stopping; try again when it is back')

/** 404 is right here, and only here: Docker takes it as "not implemented". */
async function answerUnknown(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = request.url.split('?', 1)[0] ?? ''
  if (Object.hasOwn(protocolMethods, path.slice(1))) {
    const text = `${path.slice(1)} is called by POST, not by ${quoted(request.method)}`
    return sendError(reply.header('allow', 'POST'), { status: 405, body: { Err: text, Error: text } })
  }
  const text = `unknown method ${quoted(path)}: expected one of the plugin protocol, as /NetworkDriver.Join`
  return sendError(reply, { status: 404, body: { Err: text, Error: text } })
}

/** What the HTTP layer itself found wrong: a broken body, an undecodable path. */
function refusal(error: FastifyError): ErrorAnswer {
  const { status, body } = errorAnswer(error)
  const { statusCode = status } = error
  return { status: statusCode === 404 || statusCode < 400 ? 400 : statusCode, body }
}

async function sendError(reply: FastifyReply, { status, body }: ErrorAnswer): Promise<FastifyReply> {
  return reply.status(status).header('content-type', pluginContentType).send(JSON.stringify(body))
}

/** What is not HTTP at all has no reply object: the answer is written by hand and the connection ends. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const text = JSON.stringify(
    errorAnswer(new PluginError(400, `not an HTTP request that can be read: ${error.message}`)).body,
  )
  const head = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: ${pluginContentType}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`
  socket.end(head + text)
}
