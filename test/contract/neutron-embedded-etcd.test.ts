import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { neutronContract } from './neutron.contract.ts'
import { silentLog, etcdStore } from './neutron-stores.ts'

neutronContract('the embedded service on etcd', async () => {
  const { store, remove } = await etcdStore()
  const neutron = openNeutronService({ store, host: 'host-1', log: silentLog, defaultMtu: 1450 })
  return {
    neutron,
    close: async () => {
      await neutron.close()
      await remove()
    },
  }
})
