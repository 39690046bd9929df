import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import type { EngineInfo } from '../docker-engine/docker-engine.ts'
import { engineProblems } from './engine-problems.ts'

const world = { env: {}, hostname: 'node1', readFile: absent, listDirectory: absent }

function absent(): never {
  throw Object.assign(new Error('absent'), { code: 'ENOENT' })
}

async function told(scope: 'local' | 'global', engine: Partial<EngineInfo> | Error): Promise<string[]> {
  const { config } = loadConfig({}, world)
  const info = { id: 'i', name: 'node1', version: '26.1.5', swarm: false, clusterStore: undefined }
  const ask = (): Promise<EngineInfo> =>
    engine instanceof Error ? Promise.reject(engine) : Promise.resolve({ ...info, ...engine })
  const DEFAULT = { ...config.DEFAULT, capability_scope: scope }
  return (await engineProblems({ DEFAULT }, ask)).map(({ what, why }) => `${what}: ${why}`)
}

describe('what Docker makes of capability_scope', () => {
  it('global without a cluster store shares nothing', async () => {
    expect(await told('global', {})).toEqual([
      'networks that are made on this host are on no other, or cannot be made at all: capability_scope is global, but Docker 26.1.5 runs without a cluster store',
    ])
  })

  it('global is refused in a swarm', async () => {
    expect(await told('global', { swarm: true })).toEqual([
      'networks cannot be created on this host: Docker is part of a swarm, where it refuses a plugin whose capability_scope is global',
    ])
  })

  it('global with a cluster store is right', async () => {
    expect(await told('global', { version: '20.10.24', clusterStore: 'etcd://10.8.65.79:2379' })).toEqual([])
  })

  it('local is right everywhere, and nothing is said of a Docker that does not answer', async () => {
    expect(await told('local', { swarm: true })).toEqual([])
    expect(await told('global', new Error('connect ENOENT'))).toEqual([])
  })
})
