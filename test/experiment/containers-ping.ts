import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { imageName } from '../lab/image.ts'
import type { Experiment, Step } from './experiment.ts'

export const containersPing: Step = {
  title: 'a container on each node, and they ping each other',
  async run(experiment) {
    const { node1, node2 } = experiment
    const privileged = privilegedIfPossible(experiment)
    const run = ['run', '-itd', '--net', 'kuryr', ...privileged]
    await experiment.docker(node1, ...run, '--name', 'c1', imageName, 'sh')
    await experiment.docker(node2, ...run, '--name', 'c2', imageName, 'sh')
    for (const [host, from, to] of [
      [node1, 'c1', await addressOf(experiment, 'c2')],
      [node2, 'c2', await addressOf(experiment, 'c1')],
    ] as const) {
      const output = await experiment.docker(host, 'exec', from, 'ping', '-c', '3', to)
      assert.match(output, /3 packets transmitted, 3 packets received/)
    }
  },
}

async function addressOf(experiment: Experiment, container: 'c1' | 'c2'): Promise<string> {
  const host = container === 'c1' ? experiment.node1 : experiment.node2
  const found = Object.values((await experiment.inspect(host))?.Containers ?? {}).find(({ Name }) => Name === container)
  assert.ok(found, `${container} is in the network on ${host.name}`)
  return found.IPv4Address.replace(/\/.*/, '')
}

/** Docker 20.10 asks for every capability the kernel knows, and fails where this machine itself lacks one. */
function privilegedIfPossible(experiment: Experiment): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  const last = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim())
  if (bounding === (1n << (last + 1n)) - 1n) return ['--privileged']
  const reason = 'This machine lacks a capability itself, so --privileged is left out; the network does not need it.'
  experiment.differ(reason, 'without --privileged, which this machine cannot give')
  return []
}
