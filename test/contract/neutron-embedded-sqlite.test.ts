import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { neutronContract } from './neutron.contract.ts'
import { silentLog, sqliteStore } from './neutron-stores.ts'

neutronContract('the embedded service on SQLite', async () => {
  const { store, remove } = await sqliteStore()
  const neutron = openNeutronService({ store, host: 'host-1', log: silentLog, defaultMtu: 1450 })
  return {
    neutron,
    close: async () => {
      await neutron.close()
      await remove()
    },
  }
})
