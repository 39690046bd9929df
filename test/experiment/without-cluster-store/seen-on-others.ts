import assert from 'node:assert/strict'
import { assertExpectedNetwork } from '../expected-network.ts'
import type { Step } from '../experiment.ts'

export const seenOnOthers: Step = {
  title: 'node2 and node3, where nobody created anything, have the network of that name',
  async run(experiment) {
    const marker = { 'kuryr.shared.id': experiment.dockerNetworkId }
    for (const host of experiment.lab.hosts.slice(1)) {
      await experiment.comesTrue(async () => assert.ok(await experiment.inspect(host), `${host.name} has it`))
      const list = await experiment.docker(host, 'network', 'ls')
      assert.match(list, /^\w+ +kuryr +kuryr +local$/m)
      await experiment.docker(host, 'network', 'inspect', 'kuryr')
      assertExpectedNetwork(experiment, await experiment.inspect(host), marker)
    }
  },
}
