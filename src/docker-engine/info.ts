import { Type } from 'typebox'
import { jsonOf, maybe, readingOf } from './answer-reading.ts'
import type { EngineCall, EngineInfo } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'

const readInfo = readingOf(
  Type.Object({
    ID: Type.String({ minLength: 1 }),
    Name: maybe(Type.String()),
    ServerVersion: maybe(Type.String()),
    SystemTime: maybe(Type.String()),
    Swarm: maybe(Type.Object({ LocalNodeState: maybe(Type.String()) })),
    ClusterStore: maybe(Type.String()),
  }),
)

/** {@link EngineInfo}, and the engine's clock. */
export interface EngineInfoNow extends EngineInfo {
  /** RFC 3339 with up to nine decimals; empty when not told. */
  systemTime: string
}

/** Asks `GET /info`. */
export async function engineInfo(calls: EngineCalls, call?: EngineCall): Promise<EngineInfoNow> {
  const what = 'GET /info'
  const info = readInfo(jsonOf(await calls.text({ method: 'GET', path: '/info' }, call), what), what)
  return {
    id: info.ID,
    name: info.Name ?? '',
    version: info.ServerVersion ?? '',
    // `inactive`, or a state of a host that belongs to a swarm: pending, active, locked, error.
    swarm: !['', 'inactive'].includes(info.Swarm?.LocalNodeState ?? ''),
    clusterStore: info.ClusterStore === '' ? undefined : (info.ClusterStore ?? undefined),
    systemTime: info.SystemTime ?? '',
  }
}
