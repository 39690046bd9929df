import type { Logger } from 'pino'
import { Type } from 'typebox'
import { anyKey, jsonOf, maybe, readingOf } from './answer-reading.ts'
import type { EngineCall, ListedContainer } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'

const readList = readingOf(Type.Array(Type.Unknown()))
const readContainer = readingOf(
  Type.Object({ Id: Type.String({ minLength: 1 }), Labels: maybe(Type.Record(anyKey, Type.String())) }),
)

/** Asks `GET /containers/json`: the containers that run. One that cannot be read is left out, with a line in the log. */
export async function listContainers(
  { calls, log }: { calls: EngineCalls; log: Logger },
  call?: EngineCall,
): Promise<ListedContainer[]> {
  const what = 'GET /containers/json'
  const answer = jsonOf(await calls.text({ method: 'GET', path: '/containers/json' }, call), what)
  return readList(answer, what)
    .map(value => listed(value, log))
    .filter(container => container !== undefined)
}

function listed(value: unknown, log: Logger): ListedContainer | undefined {
  try {
    const { Id, Labels } = readContainer(value, 'a container of the list')
    return { Id, Labels: Labels ?? {} }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    log.warn({ err: error.message }, 'Docker listed a container that cannot be read: left out')
    return undefined
  }
}
