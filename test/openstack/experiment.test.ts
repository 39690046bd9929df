import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Experiment } from '../experiment/experiment.ts'
import { steps } from '../experiment/steps.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'
import { neutronOf, silent, startCloudLab } from './cloud-lab.ts'
import { kinds } from './kinds.ts'

describe.each(kinds)('the experiment on OpenStack, $kind', ({ vifType: _vifType, kind, ...options }) => {
  let lab: Lab
  let cloud: Cloud
  let experiment: Experiment
  beforeAll(async () => {
    ;({ lab, cloud } = await startCloudLab(`experiment, ${kind}`, options))
    experiment = new Experiment(lab, silent, neutronOf(cloud))
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it.each(steps)('$title', step => step.run(experiment))
})
