import type { EngineNetwork } from '../../docker-engine/docker-engine.ts'
import { EngineError } from '../../docker-engine/engine-error.ts'
import type { SharingContext } from '../sharing-context.ts'

/** Removes a Docker network of this host. Returns false, with nothing done, if containers are on it. */
export async function removeUnlessInUse(
  { engine, locals, signal }: SharingContext,
  network: EngineNetwork,
): Promise<boolean> {
  try {
    await engine.removeNetwork(network.Id, { signal })
  } catch (error) {
    if (error instanceof EngineError && error.code === 'inUse') return false
    throw error
  }
  // Its event would tell too, later.
  await locals.look(network.Id)
  return true
}
