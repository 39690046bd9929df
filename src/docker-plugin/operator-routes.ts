import type { FastifyInstance } from 'fastify'
import { bodyValue, type ReceivedBody } from './request-body.ts'

/** A question or a command of an operator, over the same socket as Docker's calls: whoever may use it is root here. */
export interface OperatorRoute {
  method: 'GET' | 'POST'
  /** Such as `/kuryr/status`; parts that begin with `:` become `parameters`. */
  path: string
  /** An object is answered as JSON, a text as it is. A rejection is answered as Docker's calls are, by its `status`. */
  answer(request: OperatorRequest): Promise<object | string>
}

export interface OperatorRequest {
  parameters: Record<string, string>
  /** The body's value, not checked; undefined for none. */
  body: unknown
}

/** Adds the operator's routes to the plugin's server. */
export function addOperatorRoutes(app: FastifyInstance, routes: readonly OperatorRoute[]): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const parameters = request.params as Record<string, string>
        const body = request.body === undefined ? undefined : bodyValue(request.body as ReceivedBody)
        const answered = await route.answer({ parameters, body })
        if (typeof answered === 'string') reply.type('text/plain; version=0.0.4; charset=utf-8')
        return answered
      },
    })
  }
}
