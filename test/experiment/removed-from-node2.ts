import assert from 'node:assert/strict'
import type { Step } from './experiment.ts'

export const removedFromNode2: Step = {
  title: 'removed from node2: gone on both, the Neutron network as it was, nothing of ours left in it',
  async run(experiment) {
    const { node1, node2 } = experiment
    await experiment.docker(node1, 'rm', '-f', 'c1')
    await experiment.docker(node2, 'rm', '-f', 'c2')
    await experiment.docker(node2, 'network', 'rm', 'kuryr')
    for (const host of [node1, node2]) {
      await experiment.docker(host, 'network', 'ls')
      assert.equal(await experiment.inspect(host), undefined, `${host.name} still has the network`)
    }
    const keys = await experiment.lab.etcd.v2Keys('/docker/network/v1.0')
    assert.deepEqual(
      keys.filter(key => key.includes(experiment.dockerNetworkId) && !key.includes('/endpoint/')),
      [],
    )

    const { networks } = (await experiment.neutron('GET', '/v2.0/networks')) as { networks: Record<string, unknown>[] }
    const kept = networks.map(({ id, name, tags, subnets }) => ({ id, name, tags, subnets }))
    assert.deepEqual(kept, [{ id: experiment.neutronNetworkId, name: 'shared-with-vms', tags: [], subnets: [] }])
    for (const kind of ['subnets', 'subnetpools', 'ports']) {
      assert.deepEqual(await experiment.neutron('GET', `/v2.0/${kind}`), { [kind]: [] })
    }
  },
}
