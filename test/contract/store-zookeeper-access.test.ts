import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import type { Store } from '../../src/store/store.ts'
import { openZooKeeperStore, type ZooKeeperStoreOptions } from '../../src/store/zookeeper/open-zookeeper-store.ts'
import { makeCertificates } from './etcd-process.ts'
import { WatchReader, shortly } from './watch-reader.ts'
import { ZooKeeperProcess } from './zookeeper-process.ts'

const log = { info: () => undefined, warn: () => undefined }
const stores: Store[] = []
let directory: string
let files: Awaited<ReturnType<typeof makeCertificates>>
let zookeeper: ZooKeeperProcess

/** One that speaks in the clear and, at another port, TLS. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kuryr-zookeeper-tls-'))
  files = await makeCertificates(directory)
  zookeeper = await ZooKeeperProcess.create({ tls: files })
  await zookeeper.start()
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await zookeeper.destroy()
  await rm(directory, { recursive: true, force: true })
})

function open(options: Partial<ZooKeeperStoreOptions>): LoggedStore {
  const place = { endpoints: [zookeeper.endpoint], prefix: '/kuryr', log, timeoutMs: 3000 }
  const store = openZooKeeperStore({ ...place, ...options })
  stores.push(store)
  return store
}

const put = async (store: Store, key: string, value = ''): Promise<number> =>
  (await store.transaction({ when: [], then: [{ put: key, value }] })).revision

describe('the store on ZooKeeper with a login', () => {
  const login = { username: 'kuryr', password: 'secret', prefix: '/guarded' }

  test('works, leases too, and what it makes is its user’s alone', async () => {
    const store = open(login)
    const lease = await store.lease(10)
    const { revision } = await store.transaction({ when: [], then: [{ put: 'a', value: 'x', lease }] })
    await using watch = new WatchReader(store, '', revision)
    await lease.end()
    expect(shortly(await watch.next())).toBe(`${revision + 1}: -a`)
    for (const other of [{ prefix: '/guarded' }, { ...login, password: 'wrong' }]) {
      const error: unknown = await put(open(other), 'b').catch((caught: unknown) => caught)
      expect(error).toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
      expect((error as Error).message).toMatch(/not authenticated for this node/)
      expect((error as Error).message).not.toContain('wrong')
    }
  })
})

describe('the store on ZooKeeper with TLS', () => {
  test('works with the authority and a client certificate', async () => {
    const tls = { caFile: files.caFile, certFile: files.clientCertFile, keyFile: files.clientKeyFile }
    const store = open({ endpoints: [zookeeper.secureEndpoint], tls })
    const revision = await put(store, 'a', 'x')
    await using watch = new WatchReader(store, '', revision - 1)
    expect(shortly(await watch.next())).toBe(`${revision}: +a=x`)
  })

  test.each([
    ['without a client certificate', () => ({ caFile: files.caFile })],
    ['with an authority that did not sign the server', () => ({})],
  ])('%s calls are refused', async (_title, tls) => {
    const store = open({ endpoints: [zookeeper.secureEndpoint], tls: tls(), timeoutMs: 1000 })
    await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  })
})

test('a server that is no ZooKeeper is named as such', async () => {
  const web = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(web, 'listening')
  const endpoint = `127.0.0.1:${(web.address() as AddressInfo).port}`
  const store = open({ endpoints: [endpoint], timeoutMs: 1000 })
  await expect(store.get('a')).rejects.toThrow(/it sent what is no answer of ZooKeeper: .* got a frame of \d+ bytes/)
  web.close()
})
