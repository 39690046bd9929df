import assert from 'node:assert/strict'
import { assertExpectedNetwork } from './expected-network.ts'
import type { Step } from './experiment.ts'

export const seenOnNode2: Step = {
  title: 'node2, where nobody created anything, has the same network with the same id',
  async run(experiment) {
    const list = await experiment.docker(experiment.node2, 'network', 'ls', '--no-trunc')
    const row = list.split('\n').find(line => line.includes(experiment.dockerNetworkId))
    assert.match(row ?? `no row with the id in:\n${list}`, /\skuryr\s+kuryr\s+global/)
    await experiment.docker(experiment.node2, 'network', 'inspect', 'kuryr')
    assertExpectedNetwork(experiment, await experiment.inspect(experiment.node2))
    assert.deepEqual(await experiment.inspect(experiment.node2), await experiment.inspect(experiment.node1))
  },
}
