import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { comesTo, createNetwork, goesFrom, sharedIdOf } from './shared-networks.ts'

describe('from Docker 20.10 with a cluster store to Docker 26 without, host by host', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({
      name: 'moving',
      hosts: 2,
      docker: '20.10',
      kuryr: { sharing: { announce: 'true', interval: '2' } },
    })
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('a host that moved has the cluster’s networks, and its containers reach those on the hosts that did not', async () => {
    const [node1, node2] = [lab.host(1), lab.host(2)]
    const id = await createNetwork(node1, 'blue', '--subnet', '10.30.0.0/24')
    await startContainer(node1, 'one', '--net', 'blue')
    await startContainer(node2, 'two', '--net', 'blue')
    const stays = await endpointOf(node1, 'one', 'blue')

    await moveOver(node2)
    const network = await comesTo(node2, 'blue')
    expect(sharedIdOf(network)).toBe(id)
    expect(network.Scope).toBe('local')
    await startAgain(node2, 'two', 'blue')
    expect(await pings(node2, 'two', stays.IPAddress)).toBe(true)
    // Never stopped, and as it was.
    expect(await endpointOf(node1, 'one', 'blue')).toEqual(stays)
    const { IPAddress } = await endpointOf(node2, 'two', 'blue')
    expect(await pings(node1, 'one', IPAddress)).toBe(true)
  })

  it('a removal on a host that has the cluster store leaves the network to those who use it', async () => {
    const [node1, node2] = [lab.host(1), lab.host(2)]
    await createNetwork(node1, 'green', '--subnet', '10.31.0.0/24')
    await comesTo(node2, 'green')
    await startContainer(node2, 'user', '--net', 'green')
    await node1.docker('network', 'rm', 'green')
    await waitUntil('node1 is still a member of green', 20_000, async () => {
      const networks = await sharedNetworks(node2)
      return networks.find(({ name }) => name === 'green')?.hosts.length === 1 ? true : undefined
    })
    await startContainer(node2, 'second', '--net', 'green')
    expect(await pings(node2, 'second', (await endpointOf(node2, 'user', 'green')).IPAddress)).toBe(true)
    await node2.docker('rm', '--force', 'user', 'second')
    await node2.docker('network', 'rm', 'green')
    await goesFrom(node2, 'green')
  })

  it('when the last host has moved, the network is as if it had been made without a cluster store', async () => {
    const [node1, node2] = [lab.host(1), lab.host(2)]
    await moveOver(node1)
    await comesTo(node1, 'blue')
    await startAgain(node1, 'one', 'blue')
    expect(await pings(node1, 'one', (await endpointOf(node2, 'two', 'blue')).IPAddress)).toBe(true)
    await node1.docker('rm', '--force', 'one')
    await node2.docker('rm', '--force', 'two')
    await node1.docker('network', 'rm', 'blue')
    for (const host of lab.hosts) await goesFrom(host, 'blue')
    await waitUntil('blue is still in Neutron', 20_000, async () => {
      const { networks } = (await node1.neutron('GET', '/v2.0/networks')) as { networks: unknown[] }
      return networks.length === 0 ? true : undefined
    })
  })
})

/** As docs/docker-without-cluster-store.md tells: the host's containers stop, both daemons end, and start as they shall be. */
async function moveOver(host: DockerHost): Promise<void> {
  const running = (await host.docker('ps', '--quiet')).split('\n').filter(id => id !== '')
  await host.docker('stop', '--time', '0', ...running)
  await host.daemon.stop()
  await host.kuryr.stop()
  await host.kuryr.configure({ DEFAULT: { capability_scope: 'local' } })
  await host.kuryr.start()
  await host.daemon.upgradeTo('26')
}

/** A container keeps its network's old id: Docker forgets it, and learns the new one, by name. */
async function startAgain(host: DockerHost, container: string, network: string): Promise<void> {
  await host.docker('network', 'disconnect', network, container)
  await host.docker('network', 'connect', network, container)
  await host.docker('start', container)
}

interface ListedNetwork {
  name: string
  hosts: { host: string; state: string }[]
}

async function sharedNetworks(host: DockerHost): Promise<ListedNetwork[]> {
  const answer = await host.kuryrCommand('network', 'ls', '--format', 'json')
  return JSON.parse(answer) as ListedNetwork[]
}
