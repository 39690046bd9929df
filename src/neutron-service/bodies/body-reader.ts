import type { Static, TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import { NeutronError } from '../../neutron/errors.ts'

/**
 * Makes the reader of one kind of request body: what Neutron converts is converted ("True", "24"), all else that does
 * not fit is refused in Neutron's words (HTTPBadRequest).
 *
 * @param resource tells attributes that exist but may not be set from those that do not exist
 */
export function bodyReader<S extends TObject>(
  method: 'POST' | 'PUT',
  schema: S,
  resource: TObject,
): (body: unknown) => Static<S> {
  const validator = Compile(schema)
  return body => {
    if (!isObject(body)) throw badRequest(`Failed to parse request: expected an object, got ${excerpt(body)}`)
    checkNames(method, body, { schema, resource })
    const converted = convert(schema, body)
    if (validator.Check(converted)) return converted
    throw firstFault(converted, [...validator.Errors(converted)])
  }
}

function checkNames(method: 'POST' | 'PUT', body: object, known: { schema: TObject; resource: TObject }): void {
  const odd = Object.keys(body).filter(name => !Object.hasOwn(known.schema.properties, name))
  const unknown = odd.filter(name => !Object.hasOwn(known.resource.properties, name))
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${excerptText(unknown.join(', '))}'`)
  const [fixed] = odd
  if (fixed !== undefined) {
    throw badRequest(
      method === 'POST' ? `Attribute '${fixed}' not allowed in POST` : `Cannot update read-only attribute ${fixed}`,
    )
  }
  const missing = requiredOf(known.schema).find(name => !Object.hasOwn(body, name))
  if (missing !== undefined) throw badRequest(`Failed to parse request. Required attribute '${missing}' not specified`)
}

/** typebox leaves `required` out when it is empty. */
function requiredOf(schema: { required?: readonly string[] }): readonly string[] {
  return schema.required ?? []
}

const booleans = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function asBoolean(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value
  return booleans.get(String(value).toLowerCase()) ?? value
}

function convert(schema: TObject, body: object): Record<string, unknown> {
  const converted = Object.entries(body).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    const type = (schema.properties[name] as { type?: string } | undefined)?.type
    // `undefined` is how a caller in process leaves an attribute out.
    if (value === undefined) return []
    if (type === 'boolean') return [[name, asBoolean(value)]]
    if (type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return [[name, Number(value)]]
    return [[name, value]]
  })
  return Object.fromEntries(converted)
}

interface Fault {
  instancePath: string
  message: string
}

function firstFault(body: Record<string, unknown>, faults: readonly Fault[]): NeutronError {
  // The message "schema is false" only repeats that an attribute is unknown.
  const fault = faults.find(({ message }) => message !== 'schema is false') ?? faults[0]
  const path = (fault?.instancePath ?? '').split('/').slice(1)
  const attribute = path[0] ?? 'body'
  const value = path.reduce<unknown>(
    (at, name) => (isObject(at) || Array.isArray(at) ? (at as Record<string, unknown>)[name] : at),
    body,
  )
  return invalidInput(attribute, `${excerpt(value)} ${fault?.message ?? 'does not fit'}`)
}

/** Neutron's refusal of an attribute's value (HTTPBadRequest). */
export function invalidInput(attribute: string, reason: string): NeutronError {
  return badRequest(`Invalid input for ${attribute}. Reason: ${reason}.`)
}

export function badRequest(message: string): NeutronError {
  return new NeutronError('HTTPBadRequest', message)
}

/** The value as it stands in a message: whole if short, else its beginning. */
export function excerpt(value: unknown): string {
  if (typeof value === 'string') return `'${excerptText(value)}'`
  return excerptText(value === undefined ? 'nothing' : JSON.stringify(value))
}

function excerptText(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
