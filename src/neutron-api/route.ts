import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendWireError } from './wire-error.ts'

export const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] as const
export type Method = (typeof methods)[number]

/** Answers one request: what it returns or resolves to is the JSON body. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** One path with what each method does on it. A method without a handler is answered 405. */
export interface Route {
  path: string
  handlers: Partial<Record<Method, Handler>>
}

/** Adds `route` to the server, with a 405 that names the allowed methods for all the others. */
export function addRoute(server: FastifyInstance, route: Route): void {
  const allowed = methods.filter(method => route.handlers[method] !== undefined)
  for (const method of methods) {
    const handler = route.handlers[method] ?? notAllowed(allowed)
    // The server makes HEAD of each GET by itself.
    if (method === 'HEAD' && route.handlers.GET !== undefined) continue
    server.route({ method, url: route.path, handler })
  }
}

function notAllowed(allowed: readonly Method[]): Handler {
  return async (request, reply) => {
    reply.header('Allow', allowed.join(', '))
    return sendWireError(reply, {
      status: 405,
      type: 'HTTPMethodNotAllowed',
      message: `The method ${request.method} is not allowed for this resource; allowed: ${allowed.join(', ')}.`,
    })
  }
}

/** Answers `status` without a body: deletions (204) and single tags (201, 204). */
export async function sendEmpty(reply: FastifyReply, status: number): Promise<FastifyReply> {
  return reply.code(status).send()
}

/** The path parameter `name`, decoded. */
export function pathParameter(request: FastifyRequest, name: string): string {
  const value = (request.params as Record<string, string | undefined>)[name]
  if (value === undefined) throw new Error(`route ${request.routeOptions.url ?? '?'} has no parameter ${name}`)
  return value
}
