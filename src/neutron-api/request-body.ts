import { NeutronError } from '../neutron/errors.ts'

/** Under which names a resource travels: `network` for one, `networks` for several. */
export interface WireNames {
  singular: string
  plural: string
}

/** A body's content: the one resource of `{"network": {…}}`, or those of `{"networks": [{…}, …]}`. */
export type RequestedResources = { bulk: false; item: object } | { bulk: true; items: object[] }

/** Takes the wrapper off a create request. @throws NeutronError HTTPBadRequest when it is missing or not an object. */
export function unwrapCreate(body: unknown, names: WireNames): RequestedResources {
  const wrapper = requireBody(body)
  const items = wrapper[names.plural]
  if (items === undefined) return { bulk: false, item: unwrapOne(wrapper, names.singular) }
  if (!Array.isArray(items) || items.length === 0)
    throw badRequest(`Resources required: expected a list of one or more objects in '${names.plural}'`)
  return { bulk: true, items: items.map((item: unknown) => unwrapBulkItem(item, names)) }
}

/** Takes the wrapper off an update request. @throws NeutronError HTTPBadRequest when it is missing or not an object. */
export function unwrapUpdate(body: unknown, names: WireNames): object {
  return unwrapOne(requireBody(body), names.singular)
}

/** The body as a JSON object. @throws NeutronError HTTPBadRequest when there is none, or it is something else. */
export function requireBody(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) throw badRequest('Resource body required')
  if (!isObject(body)) throw badRequest('Body contains invalid data: expected a JSON object')
  return body
}

function unwrapOne(wrapper: Record<string, unknown>, singular: string): object {
  if (Object.keys(wrapper).length === 0) throw badRequest('Resource body required')
  const item = wrapper[singular]
  if (item === undefined || item === null) throw badRequest(`Unable to find '${singular}' in request body`)
  if (!isObject(item)) throw badRequest(`Body contains invalid data: '${singular}' is not an object`)
  return item
}

/** Neutron takes a bulk's members wrapped (`{"networks": [{"network": {…}}]}`) as well as bare. */
function unwrapBulkItem(item: unknown, names: WireNames): object {
  if (!isObject(item)) throw badRequest(`Body contains invalid data: '${names.plural}' has a member that is no object`)
  return names.singular in item ? unwrapOne(item, names.singular) : item
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badRequest(message: string): NeutronError {
  return new NeutronError('HTTPBadRequest', message)
}
