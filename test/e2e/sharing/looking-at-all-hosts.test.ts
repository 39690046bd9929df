import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host, Network } from '../../../src/cli/daemon/answers.ts'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type DockerVersion, type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, startContainer } from '../containers.ts'
import { comesTo, createNetwork, goesFrom } from './shared-networks.ts'

const engines: DockerVersion[] = ['20.10', '26', 'newest']

describe('kuryr network and kuryr host, on hosts with Docker 20.10, 26 and the newest', () => {
  let lab: Lab
  let id: string
  beforeAll(async () => {
    lab = await startLab({ name: 'looking', docker: engines, clusterStore: false })
    id = await createNetwork(lab.host(1), 'blue', '--ipv6', '--subnet', '10.30.0.0/24', '--subnet', 'fd00:30::/64')
    for (const host of lab.hosts) await comesTo(host, 'blue')
    for (const host of lab.hosts) await startContainer(host, `on-${host.name}`, '--net', 'blue')
  })
  afterAll(async () => {
    await lab.stop()
  })

  /** What `kuryr network inspect blue` tells on the host. */
  const inspect = async (host: DockerHost): Promise<Network> => {
    const [network] = JSON.parse(await host.kuryrCommand('network', 'inspect', 'blue', '--format', 'json')) as Network[]
    if (!network) throw new Error('expected one network')
    return network
  }

  /** Waits until the host tells exactly these names of containers on all hosts. */
  const seesContainers = (host: DockerHost, names: readonly string[]): Promise<unknown> =>
    waitUntil(`${host.name} does not see ${names.join(', ')}`, 20_000, async () => {
      const seen = (await inspect(host)).endpoints.map(({ container }) => container).sort()
      return seen.join() === [...names].sort().join() ? true : undefined
    })

  it('each host tells the containers of all, as their own Docker tells them', async () => {
    for (const host of lab.hosts) await seesContainers(host, ['on-node1', 'on-node2', 'on-node3'])
    const { endpoints, hosts, state } = await inspect(lab.host(2))
    expect(state).toBe('shared')
    expect(hosts.map(({ host, state: there, alive }) => [host, there, alive])).toEqual([
      ['node1', 'present', true],
      ['node2', 'present', true],
      ['node3', 'present', true],
    ])
    for (const host of lab.hosts) {
      const docker = await endpointOf(host, `on-${host.name}`, 'blue')
      const told = endpoints.find(({ container }) => container === `on-${host.name}`)
      expect(told).toMatchObject({ host: host.name, endpointId: docker.EndpointID, macAddress: docker.MacAddress })
      expect(told?.addresses.sort()).toEqual([docker.IPAddress, docker.GlobalIPv6Address].sort())
    }
  })

  it('lists say how many hosts and containers there are', async () => {
    const list = await lab.host(3).kuryrCommand('network', 'ls')
    expect(list.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^NAME {2}ID {12}SUBNETS {20,}HOSTS {3}CONTAINERS {2}STATE {3}NOTE$/),
      expect.stringMatching(
        new RegExp(`^blue  ${id.slice(0, 12)}  10\\.30\\.0\\.0/24,fd00:30::/64 +3 of 3  3 +shared$`),
      ),
    ])
    const hosts = JSON.parse(await lab.host(1).kuryrCommand('host', 'ls', '--format', 'json')) as Host[]
    expect(hosts).toMatchObject([
      { host: 'node1', alive: true, engineVersion: expect.stringMatching(/^20\.10\./) as string, networks: 1 },
      { host: 'node2', alive: true, engineVersion: expect.stringMatching(/^26\./) as string, networks: 1 },
      { host: 'node3', alive: true, networks: 1 },
    ])
  })

  it('a container that is renamed is told under its new name, on every engine', async () => {
    for (const host of lab.hosts) await host.docker('rename', `on-${host.name}`, `renamed-${host.name}`)
    await seesContainers(lab.host(1), ['renamed-node1', 'renamed-node2', 'renamed-node3'])
  })

  it('so is one that was renamed while its kuryr was down', async () => {
    for (const host of lab.hosts) {
      await host.kuryr.stop()
      await host.docker('rename', `renamed-${host.name}`, `again-${host.name}`)
      await host.kuryr.start()
    }
    await seesContainers(lab.host(2), ['again-node1', 'again-node2', 'again-node3'])
  })

  it('a host that is gone for good is removed with its ports, and its networks need not wait for it', async () => {
    const refused = await lab.host(1).tryKuryrCommand('host', 'rm', 'node3')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('host node3 is alive')
    await lab.host(3).kuryr.kill()
    await lab.host(3).daemon.kill()
    expect(await lab.host(1).kuryrCommand('host', 'rm', 'node3', '--force')).toBe(
      'Host node3 is removed: out of 1 shared network, 1 port let go.\n',
    )
    expect(await lab.host(2).kuryrCommand('host', 'ls')).toMatch(/^node3 +removed /m)
    await seesContainers(lab.host(2), ['again-node1', 'again-node2'])
    await lab.host(1).docker('rm', '--force', 'again-node1')
    await lab.host(2).docker('rm', '--force', 'again-node2')
    await lab.host(2).docker('network', 'rm', 'blue')
    await goesFrom(lab.host(1), 'blue')
    expect(await lab.host(1).kuryrCommand('network', 'ls', '--quiet')).toBe('')
  })

  it('where networks are not shared, the commands tell why', async () => {
    await lab.host(1).kuryr.stop()
    await lab.host(1).kuryr.configure({ sharing: { enabled: 'false' } })
    await lab.host(1).kuryr.start()
    const { exitCode, stderr } = await lab.host(1).tryKuryrCommand('network', 'ls')
    expect([exitCode, stderr]).toEqual([1, 'kuryr: this host does not share networks: [sharing] enabled is false\n'])
  })
})
