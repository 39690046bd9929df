import { Type } from 'typebox'
import type { Logger } from 'pino'
import { jsonOf, readingOf } from './answer-reading.ts'
import type { EngineCall, EngineNetwork } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'
import { readNetwork } from './network-answers.ts'

const readList = readingOf(Type.Array(Type.Unknown()))

/** Asks `GET /networks`, of one driver or of all. A network that cannot be read is left out, with a line in the log. */
export async function listNetworks(
  { calls, log }: { calls: EngineCalls; log: Logger },
  driver: string | undefined,
  call?: EngineCall,
): Promise<EngineNetwork[]> {
  const what = 'GET /networks'
  const filters = driver === undefined ? '' : `?filters=${encodeURIComponent(JSON.stringify({ driver: [driver] }))}`
  const answer = jsonOf(await calls.text({ method: 'GET', path: `/networks${filters}` }, call), what)
  return readList(answer, what)
    .map(value => listed(value, log))
    .filter(network => network !== undefined)
    .filter(({ Driver }) => driver === undefined || Driver === driver)
}

function listed(value: unknown, log: Logger): EngineNetwork | undefined {
  try {
    // Old engines tell an empty list here, newer none: neither is true of the network.
    const { Containers: _, ...network } = readNetwork(value, 'a network of the list')
    return network
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    log.warn({ err: error.message }, 'Docker listed a network that cannot be read: left out')
    return undefined
  }
}
