import type { Config } from '../config/option-table.ts'
import type { EngineInfo } from '../docker-engine/docker-engine.ts'
import type { Problem } from './daemon-status.ts'

/**
 * What the host's Docker makes of `capability_scope = global`: only one with a cluster store shares networks, in a swarm
 * it refuses them. With `local`, and of a Docker that does not answer, there is nothing to tell.
 */
export async function engineProblems(
  { DEFAULT }: Pick<Config, 'DEFAULT'>,
  ask: () => Promise<EngineInfo>,
): Promise<Problem[]> {
  if (DEFAULT.capability_scope === 'local') return []
  const info = await ask().catch(() => undefined)
  if (info === undefined || info.clusterStore !== undefined) return []
  const todo = 'set [DEFAULT] capability_scope = local in kuryr.conf, then restart kuryr and dockerd'
  if (info.swarm) {
    const why = `Docker is part of a swarm, where it refuses a plugin whose capability_scope is global`
    return [{ what: 'networks cannot be created on this host', why, todo }]
  }
  return [
    {
      what: 'networks that are made on this host are on no other, or cannot be made at all',
      why: `capability_scope is global, but Docker ${info.version} runs without a cluster store`,
      todo: `${todo} (or, up to Docker 20.10, start dockerd with --cluster-store)`,
    },
  ]
}
