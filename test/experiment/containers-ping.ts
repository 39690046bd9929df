import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { imageName } from '../lab/image.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import type { Experiment, Step } from './experiment.ts'

export const containersPing: Step = {
  title: 'a container on each node, and they ping each other',
  async run(experiment) {
    const { hosts } = experiment.lab
    const privileged = privilegedIfPossible(experiment)
    const run = ['run', '-itd', '--net', 'kuryr', ...privileged]
    const name = (index: number): string => `c${(index % hosts.length) + 1}`
    for (const [index, host] of hosts.entries()) {
      await experiment.docker(host, ...run, '--name', name(index), imageName, 'sh')
    }
    for (const [index, host] of hosts.entries()) {
      const next = hosts[(index + 1) % hosts.length] ?? host
      const to = await addressOf(experiment, next, name(index + 1))
      if (experiment.wiredByAgents) await untilReached(host, name(index), to)
      const output = await experiment.docker(host, 'exec', name(index), 'ping', '-c', '3', to)
      assert.match(output, /3 packets transmitted, 3 packets received/)
    }
  },
}

/** Neutron calls a port ACTIVE when its own host has wired it; with OVN the other hosts follow a moment later. */
async function untilReached(host: DockerHost, container: string, address: string): Promise<void> {
  await waitUntil(`${container} does not reach ${address}`, 10_000, async () => {
    const { exitCode } = await host.tryDocker('exec', container, 'ping', '-c', '1', '-W', '1', address)
    return exitCode === 0 ? true : undefined
  })
}

async function addressOf(experiment: Experiment, host: DockerHost, container: string): Promise<string> {
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
