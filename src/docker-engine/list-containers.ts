import type { Logger } from 'pino'
import { Type } from 'typebox'
import { anyKey, jsonOf, maybe, readEach, readingOf } from './answer-reading.ts'
import type { EngineCall, ListedContainer } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'

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
  const containers = readEach(answer, { what, one: 'a container', read: readContainer, log })
  return containers.map(({ Id, Labels }) => ({ Id, Labels: Labels ?? {} }))
}
