import assert from 'node:assert/strict'
import type { Step } from './experiment.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const etcdHoldsIt: Step = {
  title: 'etcd holds the network, its endpoint count, and the pool that kuryr gave',
  async run(experiment) {
    const keys = await experiment.etcdKeys()
    const id = experiment.dockerNetworkId
    for (const kind of ['network', 'endpoint_count'])
      assert.ok(keys.includes(`/docker/network/v1.0/${kind}/${id}`), kind)
    assert.ok(keys.includes('/docker/network/v1.0/endpoint'), 'endpoint')

    const network = await experiment.etcdValue(`/docker/network/v1.0/network/${id}`)
    assert.equal(typeof network.addrSpace, 'string')
    assert.equal(network.ipamType, 'kuryr')
    assert.equal(network.scope, 'global')
    const [info] = JSON.parse(String(network.ipamV4Info)) as { IPAMData: string; PoolID: string }[]
    const { Pool, Gateway } = JSON.parse(info?.IPAMData ?? '{}') as { Pool?: string; Gateway?: string }
    assert.deepEqual({ Pool, Gateway }, { Pool: '10.0.0.0/24', Gateway: '10.0.0.1/24' })
    assert.match(info?.PoolID ?? '', UUID, 'PoolID is a UUID')
  },
}
