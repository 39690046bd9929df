import type { Logger } from 'pino'
import { jsonOf, readEach } from './answer-reading.ts'
import type { EngineCall, EngineNetwork } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { readNetwork } from './network-answers.ts'

/** Asks `GET /networks`, of one driver or of all. A network that cannot be read is left out, with a line in the log. */
export async function listNetworks(
  { calls, log }: { calls: EngineCalls; log: Logger },
  driver: string | undefined,
  call?: EngineCall,
): Promise<EngineNetwork[]> {
  const what = 'GET /networks'
  const filters = driver === undefined ? '' : `?filters=${encodeURIComponent(JSON.stringify({ driver: [driver] }))}`
  const answer = jsonOf(await calls.text({ method: 'GET', path: `/networks${filters}` }, call), what)
  const networks = readEach(answer, { what, one: 'a network', read: readNetwork, log })
  // Old engines tell an empty list of containers here, newer none: neither is true of the network.
  return networks
    .map(({ Containers: _, ...network }) => network)
    .filter(({ Driver }) => driver === undefined || Driver === driver)
}
