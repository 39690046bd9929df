import { afterAll, beforeAll } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { openZooKeeperStore, type ZooKeeperStoreOptions } from '../../src/store/zookeeper/open-zookeeper-store.ts'
import { ZooKeeperBackend } from '../../src/store/zookeeper/zookeeper-backend.ts'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import { deleteRequest } from '../../src/zookeeper/protocol.ts'
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.ts'
import { loggedStoreContract } from './logged-store.contract.ts'
import { storeContract } from './store.contract.ts'
import { ZooKeeperProcess } from './zookeeper-process.ts'

const log = { info: () => undefined, warn: () => undefined }
let zookeeper: ZooKeeperProcess
const stores: Store[] = []
let prefixes = 0

/** A store under a node of its own, closed after the tests. */
function open(options: Partial<ZooKeeperStoreOptions> = {}): LoggedStore {
  const prefix = `/test/${++prefixes}`
  const store = openZooKeeperStore({ endpoints: [zookeeper.endpoint], prefix, log, ...options })
  stores.push(store)
  return store
}

beforeAll(async () => {
  zookeeper = await ZooKeeperProcess.create()
  await zookeeper.start()
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await zookeeper.destroy()
})

storeContract('LoggedStore on ZooKeeper 3.8', async () => {
  const store = open({ timeoutMs: 20_000 })
  await store.range('')
  return { store, compact: () => store.compact() }
})

loggedStoreContract('LoggedStore on ZooKeeper 3.8', {
  makeServer: () => ZooKeeperProcess.create(),
  open: ({ prefix, ...options }) => openZooKeeperStore({ ...options, prefix: `/${prefix}`, log }),
  openBackend: ({ prefix, ...options }) => new ZooKeeperBackend({ ...options, prefix: `/${prefix}` }),
  removeLease: async ({ endpoint, prefix, id }) => {
    const client = new ZooKeeperClient({ endpoints: [endpoint] })
    await client.request(deleteRequest(`/${prefix}/leases/${id}`), new AbortController().signal)
    client.close()
  },
})
