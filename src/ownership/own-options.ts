import { type Static, type TObject, Type } from 'typebox'
import { Errors } from 'typebox/value'

/**
 * Those options that are in our own namespaces, checked. Options of other tools are let through, but not an unknown name
 * in a namespace of ours: a slip of the pen must not silently do something else.
 *
 * @param schema `description` of each option is what the refusal of its value says was expected
 * @throws {RangeError} naming the option, what came and what was expected.
 */
export function ownOptions<Schema extends TObject>(
  schema: Schema,
  namespace: RegExp,
  options: Readonly<Record<string, unknown>> | null | undefined,
): Static<Schema> {
  const ours = Object.fromEntries(Object.entries(options ?? {}).filter(([key]) => namespace.test(key)))
  refuseUnknown(Object.keys(schema.properties), Object.keys(ours))
  for (const error of Errors(schema, ours)) {
    const option = error.instancePath.slice(1)
    const value = JSON.stringify(ours[option]).slice(0, 300)
    throw new RangeError(`option ${option}=${value}: expected ${expectation(schema.properties[option])}`)
  }
  return ours as Static<Schema>
}

/** A UUID in either case. @param description what a refusal says was expected */
export function uuidText(description: string): ReturnType<typeof Type.String> {
  return Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', description })
}

/** A name, as long as Neutron takes it. @param description what a refusal says was expected */
export function shortText(description: string): ReturnType<typeof Type.String> {
  return Type.String({ minLength: 1, maxLength: 255, description })
}

function refuseUnknown(known: string[], given: string[]): void {
  const unknown = given.find(key => !known.includes(key))
  if (unknown === undefined) return
  throw new RangeError(`unknown option ${JSON.stringify(unknown)}: expected one of ${known.join(', ')}`)
}

function expectation(schema: object | undefined): string {
  return schema && 'description' in schema && typeof schema.description === 'string' ? schema.description : 'text'
}
