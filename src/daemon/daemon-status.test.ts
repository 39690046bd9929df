import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { daemonStatus, type StatusSources } from './daemon-status.ts'

const world = { env: {}, hostname: 'node1', readFile: absent, listDirectory: absent }

function absent(): never {
  throw Object.assign(new Error('absent'), { code: 'ENOENT' })
}

function sources(different: {
  probe?: () => Promise<void>
  storeProblem?: string
  notReady?: string
  endpointProblem?: string
  fabricProblems?: string[]
}): StatusSources {
  const { config } = loadConfig({}, world)
  const address = different.endpointProblem === undefined ? '192.0.2.1' : undefined
  return {
    config,
    version: '1.2.3',
    since: new Date('2024-01-01T00:00:00Z'),
    backend: {
      kind: 'embedded',
      probeStore: different.probe ?? (() => Promise.resolve()),
      storeProblem: () => different.storeProblem,
      fabricStatus: () => ({ localAddress: address, networks: [], problems: different.fabricProblems ?? [] }),
    },
    sharing: { sharing: undefined, reason: 'the store is a file of this host alone' },
    endpoint: { address, mtu: 1450, problem: different.endpointProblem },
    askEngine: () => Promise.reject(new Error('not asked with capability_scope = local')),
    portOutcomes: { ignored: 3 },
    calls: () => 7,
    notReady: () => different.notReady,
  }
}

describe('the status of the daemon', () => {
  it('tells of each part, and of no problem when all is well', async () => {
    expect(await daemonStatus(sources({}))).toEqual({
      version: '1.2.3',
      host: 'node1',
      since: '2024-01-01T00:00:00.000Z',
      store: { url: 'sqlite:///var/lib/kuryr/neutron.db', state: 'connected' },
      plugin: { uri: 'unix:///run/docker/plugins/kuryr.sock', calls: 7 },
      neutron: { kind: 'embedded', bind: '127.0.0.1:9696' },
      fabric: { localAddress: '192.0.2.1', networks: [], problems: [] },
      sharing: null,
      sharingReason: 'the store is a file of this host alone',
      ports: { ignored: 3 },
      problems: [],
    })
  })

  it('says of a store that does not answer what it means and why, and not the consequences too', async () => {
    const probe = (): Promise<void> => Promise.reject(new Error('connect ECONNREFUSED'))
    const { store, problems } = await daemonStatus(sources({ probe, notReady: 'waits' }))
    expect(store?.state).toBe('unreachable')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ why: expect.stringContaining('ECONNREFUSED') as string })
  })

  it('says of a store that was replaced that it answers, and why that does not help', async () => {
    const storeProblem = 'the store was emptied or replaced'
    const probe = (): Promise<void> => Promise.reject(new Error(storeProblem))
    const { store, problems } = await daemonStatus(sources({ probe, storeProblem }))
    expect(store?.state).toBe('connected')
    expect(problems.map(({ why }) => why)).toEqual([storeProblem])
  })

  it('says that the host is not ready, and that it has no address for the others', async () => {
    const { fabric, problems } = await daemonStatus(sources({ notReady: 'no nft', endpointProblem: 'no route' }))
    expect(problems.map(({ what, why }) => [what, why])).toEqual([
      ['containers cannot be started yet', 'no nft'],
      ['containers on other hosts cannot be reached', 'no route'],
    ])
    expect(fabric.localAddress).toBeNull()
  })

  it('hands on what the fabric finds wrong', async () => {
    const { fabric } = await daemonStatus(sources({ fabricProblems: ['port p: its link is gone'] }))
    expect(fabric.problems).toEqual(['port p: its link is gone'])
  })
})
