import { Type } from 'typebox'
import { anyKey, jsonOf, maybe, readingOf } from './answer-reading.ts'
import type { EngineCall, ListedContainer } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'

const readList = readingOf(
  Type.Array(Type.Object({ Id: Type.String({ minLength: 1 }), Labels: maybe(Type.Record(anyKey, Type.String())) })),
)

/** Asks `GET /containers/json`: the containers that run. */
export async function listContainers(calls: EngineCalls, call?: EngineCall): Promise<ListedContainer[]> {
  const what = 'GET /containers/json'
  const listed = readList(jsonOf(await calls.text({ method: 'GET', path: '/containers/json' }, call), what), what)
  return listed.map(({ Id, Labels }) => ({ Id, Labels: Labels ?? {} }))
}
