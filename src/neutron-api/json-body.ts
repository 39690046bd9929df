import { NeutronError } from '../neutron/errors.ts'

/** Far deeper than any resource is; what is deeper is meant to exhaust somebody's stack. */
const deepest = 64

/**
 * A request body as JSON; `undefined` when it is empty.
 * @throws NeutronError HTTPBadRequest for what is no JSON, nested deeper than 64 levels, or has a key `__proto__`.
 */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined
  const body = parse(text)
  let level: unknown[] = [body]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw invalid(`it is nested deeper than ${deepest} levels`)
    level = level.flatMap(childrenOf)
  }
  return body
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`it is not valid JSON (${error instanceof Error ? error.message : String(error)})`)
  }
}

function childrenOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (Object.hasOwn(value, '__proto__')) throw invalid("it has a key '__proto__'")
  return Object.values(value)
}

function invalid(why: string): NeutronError {
  return new NeutronError('HTTPBadRequest', `Body contains invalid data: ${why}`)
}
