import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceLog } from '../../src/neutron-service/service-log.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { ConsulProcess } from './consul-process.ts'
import { EtcdProcess } from './etcd-process.ts'
import { ZooKeeperProcess } from './zookeeper-process.ts'

/** For services whose messages a test does not look at. */
export const silentLog: ServiceLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A store of one test, and how to remove it with all that it holds. */
export interface TestStore {
  store: Store
  remove: () => Promise<void>
}

/** A new SQLite store in a directory of its own. */
export async function sqliteStore(): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'kuryr-neutron-'))
  const store = openStore(`sqlite://${join(directory, 'neutron.db')}`, { log: silentLog })
  const remove = async (): Promise<void> => {
    await store.close()
    await rm(directory, { recursive: true })
  }
  return { store, remove }
}

/** An etcd of its own. */
export async function etcdStore(): Promise<TestStore> {
  return storeOn('etcd', await EtcdProcess.create())
}

/** A Consul of its own. */
export async function consulStore(): Promise<TestStore> {
  return storeOn('consul', await ConsulProcess.create())
}

/** A ZooKeeper of its own. */
export async function zookeeperStore(): Promise<TestStore> {
  return storeOn('zk', await ZooKeeperProcess.create())
}

interface Server {
  readonly endpoint: string
  start(): Promise<void>
  destroy(): Promise<void>
}

async function storeOn(scheme: string, server: Server): Promise<TestStore> {
  await server.start()
  const store = openStore(`${scheme}://${server.endpoint}`, { log: silentLog })
  const remove = async (): Promise<void> => {
    await store.close()
    await server.destroy()
  }
  return { store, remove }
}
