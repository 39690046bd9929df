import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'
import { OpenStackError } from '../keystone/openstack-error.ts'
import { NeutronError, neutronErrors, type NeutronErrorType } from '../neutron/errors.ts'

const WireError = Type.Object({
  NeutronError: Type.Object({ type: Type.String(), message: Type.String(), detail: Type.Optional(Type.String()) }),
})

/** For statuses whose error Neutron names with a type that we do not know, or that a proxy before Neutron answered. */
const TYPE_OF_STATUS: Readonly<Record<number, NeutronErrorType>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'PolicyNotAuthorized',
  404: 'HTTPNotFound',
  409: 'Conflict',
  412: 'RevisionNumberConstraintFailed',
  413: 'BadRequest',
  414: 'BadRequest',
  429: 'ServiceUnavailable',
  502: 'ServiceUnavailable',
  503: 'ServiceUnavailable',
  504: 'ServiceUnavailable',
}

/**
 * What Neutron refused with, in Neutron's own words where it gave any.
 *
 * @param notFound the type for a resource that is not there, whatever Neutron calls it
 */
export function wireError(
  { status, text, headers }: { status: number; text: string; headers: Readonly<Record<string, string>> },
  notFound: NeutronErrorType,
): NeutronError {
  const said = parsed(text)
  const requestId = headers['x-openstack-request-id']
  const id = requestId === undefined ? '' : ` (request ${requestId})`
  if (said === undefined) {
    const words = status >= 500 || status === 429 ? 'Neutron cannot answer now' : 'Neutron refused'
    return new NeutronError(typeOf(status, undefined, notFound), `${words}: status ${status}${id}`)
  }
  const { type, message, detail } = said
  // Only for its own faults: the id is for its log, not for the user.
  const whole = status >= 500 ? `${message}${id}` : message
  return new NeutronError(typeOf(status, type, notFound), whole, detail === undefined ? {} : { detail })
}

/** Why Neutron could not be asked, in Neutron's terms; anything else as it is. */
export function asNeutronError(error: unknown): unknown {
  if (!(error instanceof OpenStackError)) return error
  const type = error.kind === 'refused' || error.kind === 'misconfigured' ? 'Unauthorized' : 'ServiceUnavailable'
  return new NeutronError(type, error.message, { cause: error })
}

function typeOf(status: number, type: string | undefined, notFound: NeutronErrorType): NeutronErrorType {
  if (type === 'TagResourceNotFound') return notFound
  if (type !== undefined && Object.hasOwn(neutronErrors, type)) return type as NeutronErrorType
  if (status === 404) return notFound
  return TYPE_OF_STATUS[status] ?? (status < 500 ? 'BadRequest' : 'InternalServerError')
}

function parsed(text: string): Static<typeof WireError>['NeutronError'] | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return Check(WireError, body) ? body.NeutronError : undefined
  } catch {
    return undefined
  }
}
