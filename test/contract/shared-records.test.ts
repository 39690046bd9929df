import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StoreRecords } from '../../src/network-sharing/store-records/store-records.ts'
import { TagRecords } from '../../src/network-sharing/tag-records/tag-records.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { dockerIdTags } from '../../src/ownership/marks.ts'
import { openStore } from '../../src/store/open-store.ts'
import { EtcdProcess } from './etcd-process.ts'
import { silentLog, sqliteStore } from './neutron-stores.ts'
import { type RecordsOfTwoHosts, sharedRecordsContract } from './shared-records.contract.ts'

const telling = { log: silentLog, onUnreadable: () => undefined }

sharedRecordsContract('etcd', async (): Promise<RecordsOfTwoHosts> => {
  const etcd = await EtcdProcess.create()
  await etcd.start()
  const [node1, node2] = [1, 2].map(() => {
    const store = openStore(`etcd://${etcd.endpoint}/sharing`, { log: silentLog })
    return new StoreRecords({ store, ...telling })
  }) as [StoreRecords, StoreRecords]
  return {
    node1,
    node2,
    provide: () => Promise.resolve(),
    async close() {
      await Promise.all([node1.close(), node2.close()])
      await etcd.destroy()
    },
  }
})

sharedRecordsContract('the tags of Neutron', async (): Promise<RecordsOfTwoHosts> => {
  const { store, remove } = await sqliteStore()
  const neutron = openNeutronService({ store, host: 'node1', log: silentLog, defaultMtu: 1450 })
  const directory = await mkdtemp(path.join(tmpdir(), 'kuryr-records-'))
  const [node1, node2] = ['node1', 'node2'].map(
    host =>
      new TagRecords({ neutron, namespace: 'x', statePath: path.join(directory, host), pollInterval: 50, ...telling }),
  ) as [TagRecords, TagRecords]
  return {
    node1,
    node2,
    async provide(id) {
      await neutron.networks.create({ name: id, tags: dockerIdTags(id) })
    },
    async close() {
      await Promise.all([node1.close(), node2.close()])
      await neutron.close()
      await remove()
      await rm(directory, { recursive: true })
    },
  }
})
