import { Type } from 'typebox'
import { jsonOf, maybe, readingOf } from './answer-reading.ts'
import { type ApiVersion, isAtLeast, namesAlwaysChecked, versionText, withoutIPv4 } from './api-version.ts'
import type { EngineCall, NetworkCreateBody } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'

const readCreated = readingOf(Type.Object({ Id: Type.String({ minLength: 1 }), Warning: maybe(Type.String()) }))

/** Asks `POST /networks/create`. When the connection breaks meanwhile, the network may be there. */
export async function createNetwork(
  calls: EngineCalls,
  body: NetworkCreateBody,
  call?: EngineCall,
): Promise<{ id: string; warning: string }> {
  // Docker 20.10 says of it that the name exists already.
  if (body.Name === '') throw new EngineError('refused', 'cannot create a network without a name')
  const path = '/networks/create'
  const request = (version: ApiVersion) => ({ method: 'POST', path, body: bodyFor(version, body) }) as const
  const what = `POST ${path}`
  const { Id, Warning } = readCreated(jsonOf(await calls.text(request, call), what), what)
  return { id: Id, warning: Warning ?? '' }
}

/** Old engines ignore what they do not know: a network that was to be without IPv4 would have it. */
function bodyFor(version: ApiVersion, { EnableIPv4, ...body }: NetworkCreateBody): object {
  const canBeWithout = isAtLeast(version, withoutIPv4)
  if (EnableIPv4 === false && !canBeWithout) {
    throw new EngineError(
      'refused',
      `the network ${JSON.stringify(body.Name)} is to be without IPv4: expected a Docker engine with API ${versionText(withoutIPv4)} or newer (Docker 28), got ${versionText(version)}`,
    )
  }
  return {
    ...body,
    ...(canBeWithout && EnableIPv4 !== undefined && { EnableIPv4 }),
    ...(!isAtLeast(version, namesAlwaysChecked) && { CheckDuplicate: true }),
  }
}
