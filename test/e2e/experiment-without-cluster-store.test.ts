import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Experiment } from '../experiment/experiment.ts'
import { stepsWithoutClusterStore } from '../experiment/without-cluster-store/steps.ts'
import { type DockerVersion, type Lab, startLab } from '../lab/lab.ts'
import { everythingLeft } from './what-is-left.ts'

const silent = { command: () => undefined, remark: () => undefined }
const versions: DockerVersion[] = ['26', 'newest']

describe.each(versions)('the experiment on three hosts without a cluster store, with Docker %s', docker => {
  let lab: Lab
  let experiment: Experiment
  beforeAll(async () => {
    lab = await startLab({ name: 'without cluster store', hosts: 3, docker })
    experiment = new Experiment(lab, silent, { sharedBy: 'kuryr' })
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it.each(stepsWithoutClusterStore)('$title', step => step.run(experiment))

  it('leaves no link, namespace or key of ours', async () => {
    expect(await everythingLeft(lab)).toEqual([])
    const keys = [...(await lab.etcd.v3Get('/kuryr-sharing/')).keys()]
    expect(keys.filter(key => !/\/(hosts|alive)\//.test(key))).toEqual([])
  })
})
