import assert from 'node:assert/strict'
import type { Experiment, Step } from './experiment.ts'

export const removedFromNode2: Step = {
  title: 'removed from node2: gone on both, the Neutron network as it was, nothing of ours left in it',
  async run(experiment) {
    const { hosts } = experiment.lab
    for (const [index, host] of hosts.entries()) await experiment.docker(host, 'rm', '-f', `c${index + 1}`)
    await experiment.docker(experiment.node2, 'network', 'rm', 'kuryr')
    for (const host of hosts) {
      await experiment.comesTrue(async () => {
        assert.equal(await experiment.inspect(host), undefined, `${host.name} still has the network`)
      })
      await experiment.docker(host, 'network', 'ls')
    }
    const keys = await experiment.lab.etcd.v2Keys('/docker/network/v1.0')
    assert.deepEqual(
      keys.filter(key => key.includes(experiment.dockerNetworkId) && !key.includes('/endpoint/')),
      [],
    )

    await experiment.comesTrue(() => onlyTheNetworkIsLeft(experiment))
    const { networks } = (await experiment.neutron('GET', '/v2.0/networks')) as { networks: Record<string, unknown>[] }
    const kept = networks.map(({ id, name, tags, subnets }) => ({ id, name, tags, subnets }))
    assert.deepEqual(kept, [{ id: experiment.neutronNetworkId, name: 'shared-with-vms', tags: [], subnets: [] }])
    for (const kind of ['subnets', 'subnetpools', 'ports']) {
      assert.deepEqual(await experiment.neutron('GET', `/v2.0/${kind}`), { [kind]: [] })
    }
  },
}

/** Asks without showing it, for as long as it is on its way. */
async function onlyTheNetworkIsLeft(experiment: Experiment): Promise<void> {
  for (const kind of ['subnets', 'subnetpools', 'ports']) {
    assert.deepEqual(await experiment.askNeutron('GET', `/v2.0/${kind}`), { [kind]: [] })
  }
}
