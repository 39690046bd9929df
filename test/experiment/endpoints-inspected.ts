import assert from 'node:assert/strict'
import type { Step } from './experiment.ts'

export const endpointsInspected: Step = {
  title: 'node1 tells its own container by name, and the remote one as ep-<endpoint id>',
  async run(experiment) {
    await experiment.docker(experiment.node1, 'network', 'inspect', '-f', '{{json .Containers}}', 'kuryr')
    const containers = Object.entries((await experiment.inspect(experiment.node1))?.Containers ?? {})
    assert.equal(containers.length, 2, 'two endpoints')
    for (const [key, { Name, EndpointID, MacAddress, IPv4Address }] of containers) {
      assert.match(MacAddress, /^fa:16:3e:/, `MAC of ${Name}`)
      assert.match(IPv4Address, /^10\.0\.0\.\d+\/24$/, `address of ${Name}`)
      if (Name === 'c1') assert.match(key, /^[0-9a-f]{64}$/, 'the local container stands under its id')
      else assert.deepEqual([Name, key], ['c2', `ep-${EndpointID}`])
    }
  },
}
