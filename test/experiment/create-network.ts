import assert from 'node:assert/strict'
import type { Step } from './experiment.ts'

export const createNetwork: Step = {
  title: 'docker network create on node1, over a Neutron network that is there already',
  async run(experiment) {
    const body = { network: { name: 'shared-with-vms' } }
    const { network } = (await experiment.neutron('POST', '/v2.0/networks', body)) as { network: { id: string } }
    experiment.neutronNetworkId = network.id
    const drivers = ['--driver=kuryr', '--ipam-driver=kuryr']
    const addresses = ['--subnet', '10.0.0.0/16', '--gateway', '10.0.0.1', '--ip-range', '10.0.0.0/24']
    const option = ['-o', `neutron.net.uuid=${network.id}`]
    const id = await experiment.docker(
      experiment.node1,
      'network',
      'create',
      ...drivers,
      ...addresses,
      ...option,
      'kuryr',
    )
    assert.match(id, /^[0-9a-f]{64}$/, 'docker network create prints the id')
    experiment.dockerNetworkId = id
  },
}
