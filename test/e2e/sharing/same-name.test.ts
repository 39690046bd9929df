import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { membership, tellsNoProblem, tellsProblem } from './operator-view.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

describe('one name, wanted more than once', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'same name', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('made on two and three hosts at once, eight times: one network on all, nothing of the others is left', async () => {
    const rounds = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8']
    for (const [round, name] of rounds.entries()) {
      const makers = round % 2 === 0 ? lab.hosts : [node1, node3]
      const subnet = round % 3 === 0 ? [] : ['--subnet', `10.50.${round}.0/24`]
      const create = ['network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', ...subnet, name]
      const outcomes = await Promise.all(makers.map(host => host.tryDocker(...create)))
      // Whoever is so late that the other's replica is there already is refused by its own Docker.
      for (const { exitCode, stderr } of outcomes) if (exitCode !== 0) expect(stderr).toContain('already exists')
      expect(outcomes.filter(({ exitCode }) => exitCode === 0).length).toBeGreaterThan(0)
    }
    expect(await disagreements(lab)).toEqual([])
    for (const name of rounds) {
      const ids = await Promise.all(lab.hosts.map(async host => sharedIdOf(await comesTo(host, name))))
      expect(new Set(ids).size).toBe(1)
    }
    await node2.docker('network', 'rm', ...rounds)
    expect(await disagreements(lab)).toEqual([])
    for (const host of lab.hosts) await goesFrom(host, 'r8')
  })

  it('with another subnet on each host: the one that was first is on all', async () => {
    const subnets = ['10.51.1.0/24', '10.51.2.0/24', '10.51.3.0/24']
    await Promise.allSettled(
      lab.hosts.map((host, index) => createNetwork(host, 'differ', '--subnet', subnets[index] ?? '')),
    )
    expect(await disagreements(lab)).toEqual([])
    const told = await Promise.all(lab.hosts.map(async host => (await comesTo(host, 'differ')).IPAM.Config[0]?.Subnet))
    expect(new Set(told).size).toBe(1)
    expect(subnets).toContain(told[0])
    await startContainer(node1, 'd1', '--net', 'differ')
    await startContainer(node3, 'd3', '--net', 'differ')
    expect(await pings(node1, 'd1', (await endpointOf(node3, 'd3', 'differ')).IPAddress)).toBe(true)
    await node1.docker('rm', '--force', 'd1')
    await node3.docker('rm', '--force', 'd3')
    await node2.docker('network', 'rm', 'differ')
    expect(await disagreements(lab)).toEqual([])
  })

  it('a name that is a bridge’s on one host: a conflict there, told with what to do, over when the name is free', async () => {
    await node2.docker('network', 'create', '--driver=bridge', 'taken')
    const id = await createNetwork(node1, 'taken')
    await comesTo(node3, 'taken')
    await tellsProblem(node2, /shared network taken is not on this host.*remove that one/)
    expect(await membership(node1, 'taken', node2)).toMatchObject({ state: 'conflict' })
    expect((await networkOn(node2, 'taken'))?.Driver).toBe('bridge')
    await node2.docker('network', 'rm', 'taken')
    const replica = await waitUntil('the shared one comes', 20_000, async () => {
      const network = await networkOn(node2, 'taken')
      return network?.Driver === 'kuryr' ? network : undefined
    })
    expect(sharedIdOf(replica)).toBe(id)
    await tellsNoProblem(node2)
    expect(await disagreements(lab)).toEqual([])
    await node2.docker('network', 'rm', 'taken')
    expect(await disagreements(lab)).toEqual([])
  })

  it('a conflict ends too when the shared network is removed, and the bridge stays', async () => {
    await node2.docker('network', 'create', '--driver=bridge', 'taken')
    await createNetwork(node1, 'taken')
    await tellsProblem(node2, /shared network taken is not on this host/)
    await node3.docker('network', 'rm', 'taken')
    await goesFrom(node1, 'taken')
    await tellsNoProblem(node2)
    expect((await networkOn(node2, 'taken'))?.Driver).toBe('bridge')
    await node2.docker('network', 'rm', 'taken')
    expect(await disagreements(lab)).toEqual([])
  })

  it('the loser’s network with containers stays for its host alone until they are gone', async () => {
    // Node 2 hears nothing of the first while it makes the second.
    await node2.kuryr.stop()
    const winner = await createNetwork(node1, 'both', '--subnet', '10.52.1.0/24')
    await node2.kuryr.configure({ sharing: { enabled: 'false' } })
    await node2.kuryr.start()
    await createNetwork(node2, 'both', '--subnet', '10.52.2.0/24')
    await startContainer(node2, 'b2', '--net', 'both')
    await startContainer(node2, 'b2b', '--net', 'both')
    await node2.kuryr.configure({ sharing: { enabled: 'true' } })
    await node2.kuryr.restart()
    await tellsProblem(node2, /network both of this host is not shared.*remove the containers/)
    const { IPAddress } = await endpointOf(node2, 'b2b', 'both')
    expect(IPAddress).toMatch(/^10\.52\.2\./)
    expect(await pings(node2, 'b2', IPAddress)).toBe(true)
    await node2.docker('rm', '--force', 'b2', 'b2b')
    const replica = await waitUntil('the winner’s comes', 20_000, async () => {
      const network = await networkOn(node2, 'both')
      return network && sharedIdOf(network) === winner ? network : undefined
    })
    expect(replica.IPAM.Config[0]?.Subnet).toBe('10.52.1.0/24')
    await tellsNoProblem(node2)
    await node2.docker('network', 'rm', 'both')
    expect(await disagreements(lab)).toEqual([])
  })
})
