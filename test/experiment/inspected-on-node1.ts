import { assertExpectedNetwork } from './expected-network.ts'
import type { Step } from './experiment.ts'

export const inspectedOnNode1: Step = {
  title: 'node1 tells a global kuryr network with its subnet, range, gateway and options',
  async run(experiment) {
    await experiment.docker(experiment.node1, 'network', 'inspect', 'kuryr')
    assertExpectedNetwork(experiment, await experiment.inspect(experiment.node1))
  },
}
