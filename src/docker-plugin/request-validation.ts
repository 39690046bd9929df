import { IsOptional, type Static, type TObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { PluginError } from './plugin-error.ts'
import { kindOf, quoted, shortened } from './quoted-value.ts'

/** Gives a received value its type, or throws a {@link PluginError} of status 400 that names field, value and expectation. */
export type Validation<T> = (body: unknown) => T

/** Compiles a message's schema once. */
export function validationOf<S extends TObject>(schema: S): Validation<Static<S>> {
  const validator = Compile(schema)
  return body => {
    if (validator.Check(body)) return body
    const [first] = validator.Errors(body)
    throw new PluginError(400, first === undefined ? 'the request is invalid' : explained(schema, body, first))
  }
}

/** The fields of a message in one line, for the refusal of an empty body: `{NetworkID, EndpointID, …}`. */
export function fieldsOf(schema: TObject): string {
  const all = Object.keys(schema.properties)
  const required: string[] = all.filter(name => !IsOptional(schema.properties[name]))
  const named = required.length === 0 ? all : required
  return `{${[...named, ...(named.length < all.length ? ['…'] : [])].join(', ')}}`
}

function explained(schema: TSchema, body: unknown, error: TLocalizedValidationError): string {
  const at = segments(error.instancePath)
  const node = descend(schema, segments(error.schemaPath))
  if (error.keyword === 'required') {
    const [missing = ''] = error.params.requiredProperties
    return `${pathText([...at, missing])} is missing: expected ${expectation(descend(node, ['properties', missing]), error)}`
  }
  const value = descend(body, at)
  // Options may hold secrets: their values are never shown.
  const shown = at[0] === 'Options' ? kindOf(value) : quoted(value)
  return `${pathText(at)} is ${shown}: expected ${expectation(node, error)}`
}

function expectation(node: unknown, error: TLocalizedValidationError): string {
  if (typeof node === 'object' && node !== null) {
    if ('description' in node && typeof node.description === 'string') return node.description
    if ('type' in node && typeof node.type === 'string')
      return /^[aio]/.test(node.type) ? `an ${node.type}` : `a ${node.type}`
  }
  return error.keyword === 'required' ? 'a value' : `what ${error.message}`
}

/** The parts of a JSON pointer, with or without a leading `#`. */
function segments(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function descend(from: unknown, path: string[]): unknown {
  let at: unknown = from
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined
    at = (at as Record<string, unknown>)[segment]
  }
  return at
}

function pathText(path: string[]): string {
  if (path.length === 0) return 'the body'
  const text = path.map((segment, index) =>
    /^\d+$/.test(segment) ? `[${segment}]` : `${index > 0 ? '.' : ''}${segment}`,
  )
  return shortened(text.join(''), 200)
}
