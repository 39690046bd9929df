import { pino } from 'pino'
import { openOpenStackNeutron } from '../../src/openstack-neutron/open-openstack-neutron.ts'
import { neutronContract } from './neutron.contract.ts'
import { cloudOf, testOpenStack } from './openstack-cloud.ts'

neutronContract('OpenStack’s Neutron behind Keystone', async () => {
  const { openstack, remove } = await testOpenStack()
  const neutron = openOpenStackNeutron(cloudOf(openstack), pino({ level: 'silent' }))
  return {
    neutron,
    close: async () => {
      await neutron.close()
      await remove()
    },
  }
})
