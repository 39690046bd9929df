import type { FastifyBaseLogger, FastifyError, FastifyReply } from 'fastify'
import { NeutronError } from '../neutron/errors.ts'

/** What `{"NeutronError": …}` says, with the HTTP status that carries it. */
export interface WireError {
  status: number
  type: string
  message: string
  detail?: string
}

/** Sends `error` in Neutron's shape. */
export async function sendWireError(reply: FastifyReply, error: WireError): Promise<FastifyReply> {
  return reply.code(error.status).type('application/json').send(wireErrorBody(error))
}

/** The body of an error answer, as python-neutronclient and openstacksdk read it. */
export function wireErrorBody({ type, message, detail = '' }: Omit<WireError, 'status'>): object {
  return { NeutronError: { type, message, detail } }
}

/**
 * What the client is told of `error`. Neutron's own errors and the server's refusals (bad JSON, too long) are told as
 * they are; of anything else only that it happened, and the cause goes to the log.
 */
export function wireErrorOf(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): WireError {
  if (error instanceof NeutronError) {
    if (error.status >= 500) log.error({ err: error }, 'the network service failed')
    return { status: error.status, type: error.type, message: error.message, detail: error.detail }
  }
  if (isDeadline(error)) {
    log.error({ err: error }, 'the network service did not answer in time')
    return {
      status: 503,
      type: 'ServiceUnavailable',
      message: 'The network service did not answer in time; look at the resource before you repeat the request.',
    }
  }
  const status = statusOf(error)
  if (status !== undefined) return { status, type: refusals[status] ?? 'HTTPBadRequest', message: messageOf(error) }
  log.error({ err: error }, 'request failed')
  return {
    status: 500,
    type: 'HTTPInternalServerError',
    message: 'Request Failed: internal server error while processing your request.',
  }
}

/** The server's own refusals under webob's names, as Neutron answers them. */
const refusals: Partial<Record<number, string>> = {
  400: 'HTTPBadRequest',
  404: 'HTTPNotFound',
  408: 'HTTPRequestTimeout',
  413: 'HTTPRequestEntityTooLarge',
  414: 'HTTPRequestURITooLong',
  431: 'HTTPRequestHeaderFieldsTooLarge',
  503: 'ServiceUnavailable',
}

/** The status of a refusal by the server itself: the client's fault (4xx), or closing (503). */
function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error ? (error as FastifyError).statusCode : undefined
  return status !== undefined && ((status >= 400 && status < 500) || status === 503) ? status : undefined
}

function isDeadline(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
