import assert from 'node:assert/strict'
import type { Network } from '../../../src/cli/daemon/answers.ts'
import type { Step } from '../experiment.ts'

export const endpointsOfAllHosts: Step = {
  title: 'docker on node1 tells its own container, kuryr on node1 those of all three hosts',
  async run(experiment) {
    const { node1, lab } = experiment
    await experiment.docker(node1, 'network', 'inspect', '-f', '{{json .Containers}}', 'kuryr')
    const own = Object.values((await experiment.inspect(node1))?.Containers ?? {})
    assert.deepEqual(
      own.map(({ Name }) => Name),
      ['c1'],
    )
    const expected = lab.hosts.map(({ name }, index) => [name, `c${index + 1}`])
    await experiment.comesTrue(async () => {
      const text = await node1.kuryrCommand('network', 'inspect', 'kuryr', '--format', 'json')
      const [network] = JSON.parse(text) as Network[]
      const told = (network?.endpoints ?? []).map(({ host, container }) => [host, container])
      assert.deepEqual(told.sort(), expected)
      for (const { macAddress, addresses } of network?.endpoints ?? []) {
        assert.match(macAddress, /^fa:16:3e:/)
        assert.match(addresses.join(), /^10\.0\.0\.\d+$/)
      }
    })
    await experiment.kuryr(node1, 'network', 'inspect', 'kuryr')
  },
}
