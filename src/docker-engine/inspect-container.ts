import { Type } from 'typebox'
import { anyKey, jsonOf, maybe, readingOf } from './answer-reading.ts'
import type { EngineCall, InspectedContainer } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'

const text = maybe(Type.String())

const readContainer = readingOf(
  Type.Object({
    Id: Type.String({ minLength: 1 }),
    Name: Type.String({ pattern: '^/[^/]' }),
    Config: maybe(Type.Object({ Labels: maybe(Type.Record(anyKey, Type.String())) })),
    NetworkSettings: maybe(
      Type.Object({
        Networks: maybe(Type.Record(anyKey, maybe(Type.Object({ NetworkID: text, EndpointID: text })))),
      }),
    ),
  }),
)

/** Asks `GET /containers/{id}/json`. The engine takes names and beginnings of ids too; we do not. */
export async function inspectContainer(
  calls: EngineCalls,
  id: string,
  call?: EngineCall,
): Promise<InspectedContainer | undefined> {
  const path = `/containers/${encodeURIComponent(id)}/json` as const
  const what = `GET ${path}`
  try {
    const { Id, Name, Config, NetworkSettings } = readContainer(
      jsonOf(await calls.text({ method: 'GET', path }, call), what),
      what,
    )
    if (Id !== id) return undefined
    const endpoints = Object.values(NetworkSettings?.Networks ?? {}).map(endpoint => ({
      NetworkID: endpoint?.NetworkID ?? '',
      EndpointID: endpoint?.EndpointID ?? '',
    }))
    return {
      Id,
      Name: Name.slice(1),
      Labels: Config?.Labels ?? {},
      // Of a network that it is not on at this moment, the engine tells the place without an endpoint.
      Endpoints: endpoints.filter(({ EndpointID }) => EndpointID !== ''),
    }
  } catch (error) {
    if (error instanceof EngineError && error.code === 'notFound') return undefined
    throw error
  }
}
