import type { Logger } from 'pino'
import { jsonOf } from './answer-reading.ts'
import type { EngineCall, EngineNetwork } from './docker-engine.ts'
import type { EngineCalls } from './engine-calls.ts'
import { EngineError } from './engine-error.ts'
import { listNetworks } from './list-networks.ts'
import { readNetwork } from './network-answers.ts'

/** Asks `GET /networks/{id}`. The engine takes the beginning of an id for the id; we do not. */
export async function inspectNetwork(
  { calls, log }: { calls: EngineCalls; log: Logger },
  idOrName: string,
  call?: EngineCall,
): Promise<EngineNetwork | undefined> {
  if (!fitsInPath.test(idOrName)) {
    const network = (await listNetworks({ calls, log }, undefined, call)).find(({ Name }) => Name === idOrName)
    return network && inspectNetwork({ calls, log }, network.Id, call)
  }
  try {
    const what = `GET /networks/${idOrName}`
    const answer = await calls.text({ method: 'GET', path: `/networks/${idOrName}` }, call)
    const network = readNetwork(jsonOf(answer, what), what)
    return network.Id === idOrName || network.Name === idOrName ? network : undefined
  } catch (error) {
    if (error instanceof EngineError && error.code === 'notFound') return undefined
    throw error
  }
}

/** The engine cleans paths (`..`, `//`), so not every name that it allows can be asked for by path. */
const fitsInPath = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
