import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import { openZooKeeperStore } from '../../src/store/zookeeper/open-zookeeper-store.ts'
import { zookeeper38 } from '../lab/programs/zookeeper-programs.ts'
import { zookeeperConfiguration } from '../lab/stores/zookeeper.ts'
import { ServerProcess, freePort } from './server-process.ts'

const log = { info: () => undefined, warn: () => undefined }

/** Three processes, each at a server of its own. */
describe('LoggedStore on three ZooKeepers', () => {
  let directory: string
  let servers: { file: string; process: ServerProcess }[]
  let stores: LoggedStore[]
  const store = (number: number): LoggedStore => {
    const found = stores[number % 3]
    if (found === undefined) throw new TypeError('expected three stores')
    return found
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kuryr-zookeeper-ensemble-'))
    const members = await Promise.all([1, 2, 3].map(() => Promise.all([freePort(), freePort(), freePort()])))
    const lines = members.map(([, peer, election], i): [string, string] => {
      return [`server.${i + 1}`, `127.0.0.1:${peer}:${election}`]
    })
    const limits = { tickTime: 500, initLimit: 20, syncLimit: 10 }
    const together: Record<string, string | number> = { ...limits, ...Object.fromEntries(lines) }
    servers = await Promise.all(
      members.map(async ([port], i) => {
        const data = join(directory, String(i))
        const file = join(directory, `${i}.cfg`)
        await mkdir(data)
        await writeFile(join(data, 'myid'), String(i + 1))
        await writeFile(file, zookeeperConfiguration({ address: '127.0.0.1', port, directory: data }, together))
        return { file, process: new ServerProcess(`ZooKeeper ${i + 1}`) }
      }),
    )
    for (const one of servers) await start(one)
    const endpoints = members.map(([port]) => `127.0.0.1:${port}`)
    stores = endpoints.map((_, i) => {
      const own = [...endpoints.slice(i), ...endpoints.slice(0, i)]
      return openZooKeeperStore({ endpoints: own, prefix: '/kuryr', log, timeoutMs: 20_000 })
    })
    await Promise.all(stores.map(one => one.range('')))
  })
  afterAll(async () => {
    for (const one of stores) await one.close()
    for (const { process } of servers) await process.kill()
    await rm(directory, { recursive: true, force: true })
  })

  const start = async ({ file, process }: { file: string; process: ServerProcess }): Promise<void> => {
    await process.start([...(await zookeeper38()).server, file], () => Promise.resolve())
  }

  test('a read, and a condition, see what was written at another server before', async () => {
    for (let round = 0; round < 300; round++) {
      const then = ['a', `k${round}`].map(put => ({ put, value: String(round) }))
      await store(round).transaction({ when: [], then })
      const when = [{ key: `k${round}`, exists: true }]
      const [read, condition] = await Promise.all([
        store(round + 1).get('a'),
        store(round + 2).transaction({ when, then: [] }),
      ])
      expect([read?.value, condition.succeeded]).toEqual([String(round), true])
    }
  })

  test('while each server is killed in its turn, the leader too, every write is done once', async () => {
    let working = true
    let counted = 0
    const countUp = async (number: number): Promise<void> => {
      while (working) {
        const { value = '0', modRevision = 0 } = (await store(number).get('n')) ?? {}
        const then = [{ put: 'n', value: String(Number(value) + 1) }]
        if ((await store(number).transaction({ when: [{ key: 'n', modRevision }], then })).succeeded) counted++
      }
    }
    const work = Promise.all([0, 1, 2].map(countUp))
    for (const one of servers) {
      await one.process.kill()
      // Long enough for a new leader, and for the killed one to come back into the ensemble.
      await sleep(700)
      await start(one)
      await sleep(2000)
    }
    working = false
    await work
    expect(counted).toBeGreaterThan(50)
    expect((await store(0).get('n'))?.value).toBe(String(counted))
  })
})
