import type { Logger } from 'pino'
import { type Static, type TNull, type TOptional, type TSchema, type TUnion, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { EngineError } from './engine-error.ts'

/** A field that the engine may leave out or tell as null: Go's way to say that a map, list or text is empty. */
export function maybe<Schema extends TSchema>(schema: Schema): TOptional<TUnion<[Schema, TNull]>> {
  return Type.Optional(Type.Union([schema, Type.Null()]))
}

/** Any key of a map: typebox's own pattern does not match one with a line break, whose value would go unread. */
export const anyKey = Type.String({ pattern: '^[^]*$' })

/** Gives an answer its type. @throws {EngineError} `unexpected`, naming the first field that is wrong. */
export type Reading<T> = (value: unknown, what: string) => T

/** Compiles the schema of an answer once. Fields that it does not name are let through. */
export function readingOf<Schema extends TSchema>(schema: Schema): Reading<Static<Schema>> {
  const validator = Compile(schema)
  return (value, what) => {
    if (validator.Check(value)) return value
    const [first] = validator.Errors(value)
    const where = first === undefined ? '' : `: ${first.instancePath || 'it'} ${first.message}`
    throw new EngineError('unexpected', `${what} is not what a Docker engine answers${where}`)
  }
}

const readList = readingOf(Type.Array(Type.Unknown()))

/**
 * Reads each of a list; one that cannot be read is left out, with a line in the log.
 *
 * @param one of what it is a list: `a network`
 * @throws {EngineError} `unexpected`, if it is no list
 */
export function readEach<T>(
  answer: unknown,
  { what, one, read, log }: { what: string; one: string; read: Reading<T>; log: Pick<Logger, 'warn'> },
): T[] {
  return readList(answer, what).flatMap(value => {
    try {
      return [read(value, `${one} of the list`)]
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      log.warn({ err: error.message }, `Docker listed ${one} that cannot be read: left out`)
      return []
    }
  })
}

/** The JSON of an answer. @throws {EngineError} `unexpected` */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new EngineError(
      'unexpected',
      `${what} is not what a Docker engine answers: no JSON: ${JSON.stringify(text.slice(0, 80))}`,
    )
  }
}
