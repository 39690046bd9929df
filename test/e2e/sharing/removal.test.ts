import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { membership } from './operator-view.ts'
import { refusingPlugin } from './refusing-plugin.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

describe('networks that are removed', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'removal', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  const allAgree = async (): Promise<void> => expect(await disagreements(lab)).toEqual([])
  const onAll = (name: string): Promise<unknown> => Promise.all(lab.hosts.map(host => comesTo(host, name)))

  it('removed, or pruned, while a container elsewhere uses it: made again, and told why', async () => {
    const id = await createNetwork(node1, 'used', '--subnet', '10.60.0.0/24', '--label', 'team=blue')
    await createNetwork(node1, 'unused')
    await onAll('used')
    await onAll('unused')
    await startContainer(node1, 'user', '--net', 'used')
    const before = await networkOn(node2, 'used')
    await node2.docker('network', 'rm', 'used')
    const again = await comesTo(node2, 'used')
    expect(again.Id).not.toBe(before?.Id)
    expect(sharedIdOf(again)).toBe(id)
    expect(again).toMatchObject({ Labels: { team: 'blue' }, IPAM: { Config: [{ Subnet: '10.60.0.0/24' }] } })
    await waitUntil('the note', 20_000, async () =>
      /removal on node2 .* was undone: containers on node1/.test((await membership(node3, 'used', node2))?.note ?? '')
        ? true
        : undefined,
    )
    await allAgree()
    await node3.docker('network', 'prune', '--force')
    // What nobody uses goes everywhere, what somebody uses comes back.
    for (const host of lab.hosts) await goesFrom(host, 'unused')
    await comesTo(node3, 'used')
    await allAgree()
    await startContainer(node3, 'late', '--net', 'used')
    expect(await pings(node3, 'late', (await endpointOf(node1, 'user', 'used')).IPAddress)).toBe(true)
    await node3.docker('rm', '--force', 'late')
  })

  it('the user’s own host cannot remove it, and when the last container is gone any host can', async () => {
    const refused = await node1.tryDocker('network', 'rm', 'used')
    expect(refused.stderr).toContain('has active endpoints')
    await node1.docker('rm', '--force', 'user')
    await node3.docker('network', 'rm', 'used')
    for (const host of lab.hosts) await goesFrom(host, 'used')
    await allAgree()
  })

  it('the origin’s removal is undone as well: its network comes back as a replica', async () => {
    const id = await createNetwork(node1, 'origin')
    await comesTo(node2, 'origin')
    await startContainer(node2, 'user', '--net', 'origin')
    await node1.docker('network', 'rm', 'origin')
    expect(sharedIdOf(await comesTo(node1, 'origin'))).toBe(id)
    await startContainer(node1, 'other', '--net', 'origin')
    expect(await pings(node1, 'other', (await endpointOf(node2, 'user', 'origin')).IPAddress)).toBe(true)
    await allAgree()
    await node1.docker('rm', '--force', 'other')
    await node2.docker('rm', '--force', 'user')
    await node1.docker('network', 'rm', 'origin')
    await allAgree()
  })

  it('removed and made again at once, on the same host and on another, as Compose does', async () => {
    await createNetwork(node1, 'again', '--subnet', '10.61.0.0/24')
    await onAll('again')
    for (const round of [1, 2, 3, 4, 5, 6]) {
      await node1.docker('network', 'rm', 'again')
      await createNetwork(node1, 'again', '--subnet', `10.61.${round}.0/24`)
    }
    await allAgree()
    for (const host of lab.hosts) {
      expect((await networkOn(host, 'again'))?.IPAM.Config).toMatchObject([{ Subnet: '10.61.6.0/24' }])
    }
    await node1.docker('network', 'rm', 'again')
    // The other host may still have the old one, and then says so itself.
    await waitUntil('node 2 may make it', 20_000, async () => {
      const create = ['network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', '--subnet=10.61.7.0/24', 'again']
      const { exitCode, stderr } = await node2.tryDocker(...create)
      if (exitCode !== 0) expect(stderr).toContain('already exists')
      return exitCode === 0 ? true : undefined
    })
    await allAgree()
    for (const host of lab.hosts) {
      expect((await networkOn(host, 'again'))?.IPAM.Config).toMatchObject([{ Subnet: '10.61.7.0/24' }])
    }
    await node3.docker('network', 'rm', 'again')
    await allAgree()
  })

  it('removed in the moment in which containers start elsewhere: who has it keeps it, and it goes after them', async () => {
    for (const round of [1, 2, 3, 4]) {
      const name = `moment${round}`
      await createNetwork(node1, name)
      await onAll(name)
      const starting = [node2, node3].map(host => startContainer(host, name, '--net', name).then(() => host))
      await new Promise(resolve => setTimeout(resolve, round * 60))
      await node1.docker('network', 'rm', name)
      const started = (await Promise.allSettled(starting)).flatMap(outcome =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      for (const host of started) expect((await endpointOf(host, name, name)).IPAddress).not.toBe('')
      for (const host of [node2, node3]) await host.tryDocker('rm', '--force', name)
      // It is gone already, or comes back for the sake of the containers that it found.
      await waitUntil(`${name} is gone`, 20_000, async () => {
        await node1.tryDocker('network', 'rm', name)
        const left = await Promise.all(lab.hosts.map(host => networkOn(host, name)))
        return left.every(network => network === undefined) ? true : undefined
      })
    }
    await allAgree()
  })

  it('kuryr is away while its user removes one that others use and one that nobody uses', async () => {
    await createNetwork(node1, 'busy')
    await createNetwork(node1, 'idle')
    await onAll('busy')
    await onAll('idle')
    await startContainer(node2, 'user', '--net', 'busy')
    await node3.kuryr.kill()
    {
      await using _ = await refusingPlugin(node3)
      await node3.docker('network', 'rm', 'busy', 'idle')
    }
    await node3.kuryr.start()
    await goesFrom(node1, 'idle')
    await comesTo(node3, 'busy')
    await allAgree()
    await node2.docker('rm', '--force', 'user')
    await node2.docker('network', 'rm', 'busy')
    await allAgree()
  })
})
