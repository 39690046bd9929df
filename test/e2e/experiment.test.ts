import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Experiment } from '../experiment/experiment.ts'
import { steps } from '../experiment/steps.ts'
import { type EtcdVersion, type Lab, startLab } from '../lab/lab.ts'
import { everythingLeft } from './what-is-left.ts'

const silent = { command: () => undefined, remark: () => undefined }
const versions: EtcdVersion[] = ['3.4', '3.5']

describe.each(versions)('the experiment, with etcd %s', etcd => {
  let lab: Lab
  let experiment: Experiment
  beforeAll(async () => {
    lab = await startLab({ name: 'experiment', etcd })
    experiment = new Experiment(lab, silent)
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it.each(steps)('$title', step => step.run(experiment))

  it('leaves no link, namespace or key of ours', async () => {
    expect(await everythingLeft(lab)).toEqual([])
  })
})
