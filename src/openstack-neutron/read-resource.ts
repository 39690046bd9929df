import type { Static, TObject } from 'typebox'
import { Check, Convert, Errors } from 'typebox/value'
import { NeutronError } from '../neutron/errors.ts'
import type { ResourceKind } from './resource-kinds.ts'

/**
 * A resource as Neutron answered it. Fields that it left out get their neutral value, numbers written as texts become
 * numbers (`default_prefixlen` of a new subnet pool in Neutron 21).
 *
 * @throws {NeutronError} `InternalServerError`, naming the field, when it is no resource of that kind
 */
export function readResource<Schema extends TObject>(kind: ResourceKind<Schema>, answered: unknown): Static<Schema> {
  const isObject = typeof answered === 'object' && answered !== null && !Array.isArray(answered)
  const filled = isObject ? { ...kind.whenLeftOut, ...answered } : answered
  const converted = Convert(kind.schema, filled)
  if (Check(kind.schema, converted)) return lowerCaseMac(converted)
  const [error] = Errors(kind.schema, converted)
  const at = error?.instancePath.replace(/^\//, '') ?? ''
  throw unexpected(`a ${kind.singular}`, `${at} ${error?.message ?? ''}`)
}

/** Neutron 21 keeps a MAC as it was written. */
function lowerCaseMac<Resource extends object>(resource: Resource): Resource {
  if (!('mac_address' in resource)) return resource
  return { ...resource, mac_address: String(resource.mac_address).toLowerCase() }
}

/** @throws {NeutronError} `InternalServerError` when the text is not `{<name>: …}` */
export function readBody(text: string, name: string): { content: unknown; all: Record<string, unknown> } {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw unexpected('JSON', text.slice(0, 80))
  }
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) {
    throw unexpected(`a body with ${name}`, text.slice(0, 80))
  }
  const all = body as Record<string, unknown>
  return { content: all[name], all }
}

function unexpected(expected: string, got: string): NeutronError {
  return new NeutronError('InternalServerError', `expected Neutron to answer ${expected}, got: ${got}`)
}
