import type { Readable } from 'node:stream'
import { PluginError } from './plugin-error.ts'

/** The longest body that is read, in bytes. Docker's own are below 10 kB. */
export const bodyLimit = 1024 * 1024
/** How much of a longer body is read and thrown away, so that its sender can read the answer instead of a broken pipe. */
const discardLimit = 32 * bodyLimit
/** How many objects and lists may lie in one another. */
const depthLimit = 32

/** What came as a body: its bytes, or that there were more than {@link bodyLimit}. */
export type ReceivedBody = { bytes: Buffer } | { tooLong: true; connectionUsable: boolean }

/** Reads a request's body to its end. Rejects when the connection breaks within it. */
export async function receiveBody(stream: Readable): Promise<ReceivedBody> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= bodyLimit) chunks.push(chunk)
    else chunks.length = 0
    if (length > discardLimit) break
  }
  return length <= bodyLimit
    ? { bytes: Buffer.concat(chunks, length) }
    : { tooLong: true, connectionUsable: length <= discardLimit }
}

/**
 * The value that a body holds; undefined for an empty body.
 * @throws {PluginError} status 400 for what is too long, not UTF-8, not JSON, nested too deep, or has keys
 *   that reach an object's prototype.
 */
export function bodyValue(body: ReceivedBody): unknown {
  if ('tooLong' in body)
    throw new PluginError(400, `the body is longer than ${bodyLimit} bytes: the call was not carried out`)
  const text = decoded(body.bytes)
  if (text.trim() === '') return undefined
  const value = parsed(text)
  const hazard = hazardIn(value)
  if (hazard !== undefined) throw new PluginError(400, `the body ${hazard}: the call was not carried out`)
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new PluginError(400, 'the body is not UTF-8: expected a JSON object', { cause: error })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // V8 cites the text around the fault: it may hold a secret.
    const why = error instanceof Error ? error.message.replace(/, (\.\.\.)?"[^]*" is not valid JSON$/, '') : 'invalid'
    throw new PluginError(400, `the body is not JSON: ${why}`)
  }
}

/** What is dangerous in a value. Level by level, not by recursion: a body of a mebibyte may hold half a million levels. */
function hazardIn(value: unknown): string | undefined {
  let level = [value].filter(isComposite)
  for (let depth = 0; depth < depthLimit; depth++) {
    if (level.length === 0) return undefined
    if (level.some(reachesPrototype))
      return 'has a key that reaches the prototype of objects ("__proto__" or "constructor")'
    level = level.flatMap(item => Object.values(item).filter(isComposite))
  }
  return level.length === 0 ? undefined : `is nested deeper than ${depthLimit} levels`
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function reachesPrototype(item: object): boolean {
  if (Object.hasOwn(item, '__proto__')) return true
  return (
    Object.hasOwn(item, 'constructor') && isComposite(item.constructor) && Object.hasOwn(item.constructor, 'prototype')
  )
}
