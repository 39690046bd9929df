import type { EngineCall } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'

/** Asks `DELETE /networks/{id}`; not there is success. */
export async function removeNetwork(calls: EngineCalls, id: string, call?: EngineCall): Promise<void> {
  // The engine also takes names and beginnings of ids: what is removed must be what was meant.
  if (!fullId.test(id)) {
    throw new EngineError('refused', `cannot remove the network ${JSON.stringify(id.slice(0, 80))}: expected a full id`)
  }
  try {
    await calls.text({ method: 'DELETE', path: `/networks/${id}` }, call)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'notFound') throw error
  }
}

/** 64 hexadecimal digits, or a swarm's 25 of base 36. */
const fullId = /^([0-9a-f]{64}|[0-9a-z]{25})$/
