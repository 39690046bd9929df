import assert from 'node:assert/strict'
import type { Step } from '../experiment.ts'

const prefix = '/kuryr-sharing/default/'

export const etcdHoldsTheRecord: Step = {
  title: 'etcd holds the network once, under the id of node1, and that all three hosts have it',
  async run(experiment) {
    const { dockerNetworkId: id, lab } = experiment
    const members = lab.hosts.map(({ name }) => `${prefix}members/${id}/${name}`)
    await experiment.comesTrue(async () => {
      assert.deepEqual([...(await lab.etcd.v3Get(`${prefix}members/${id}/`)).keys()], members)
    })
    await experiment.kuryrRecords(`${prefix}members/${id}/`)
    const records = await experiment.kuryrRecords(`${prefix}networks/`)
    assert.deepEqual([...records.keys()], [`${prefix}networks/${id}`])
    const record = JSON.parse(records.get(`${prefix}networks/${id}`) ?? '') as Record<string, unknown>
    const { name, origin, spec } = record as { name: string; origin: string; spec: Record<string, unknown> }
    assert.deepEqual({ name, origin }, { name: 'kuryr', origin: 'node1' })
    assert.deepEqual(spec.subnets, [{ subnet: '10.0.0.0/16', gateway: '10.0.0.1', ipRange: '10.0.0.0/24' }])
  },
}
