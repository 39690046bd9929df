import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { neutronContract } from './neutron.contract.ts'
import { consulStore, silentLog, zookeeperStore } from './neutron-stores.ts'

for (const [name, openTestStore] of [
  ['Consul', consulStore],
  ['ZooKeeper', zookeeperStore],
] as const) {
  neutronContract(`the embedded service on ${name}`, async () => {
    const { store, remove } = await openTestStore()
    const neutron = openNeutronService({ store, host: 'host-1', log: silentLog, defaultMtu: 1450 })
    return {
      neutron,
      close: async () => {
        await neutron.close()
        await remove()
      },
    }
  })
}
