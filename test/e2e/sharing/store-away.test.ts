import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { membership, tellsNoProblem, tellsProblem } from './operator-view.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

describe('a store that is away, and hosts that are gone for good', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'store away', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  const allAgree = async (): Promise<void> => expect(await disagreements(lab, { patience: 40_000 })).toEqual([])
  const onAll = (name: string): Promise<unknown> => Promise.all(lab.hosts.map(host => comesTo(host, name)))
  const reaches = (host: DockerHost, container: string, address: string): Promise<unknown> =>
    waitUntil(
      `${container} reaches ${address}`,
      20_000,
      async () => (await pings(host, container, address)) || undefined,
    )

  it.each([
    ['etcd is killed', () => lab.etcd.kill(), () => lab.etcd.start()],
    [
      'etcd hangs',
      () => Promise.resolve().then(() => lab.etcd.pause()),
      () => Promise.resolve().then(() => lab.etcd.resume()),
    ],
  ])(
    '%s: what users remove meanwhile goes everywhere when it is back, and what others use comes back',
    async (_, leave, comeBack) => {
      await createNetwork(node1, 'used', '--subnet', '10.80.0.0/24')
      await createNetwork(node2, 'unused')
      await onAll('used')
      await onAll('unused')
      await startContainer(node1, 'one', '--net', 'used')
      await startContainer(node2, 'two', '--net', 'used')
      await leave()
      const { IPAddress } = await endpointOf(node1, 'one', 'used')
      expect(await pings(node2, 'two', IPAddress)).toBe(true)
      await Promise.all([node3.docker('network', 'rm', 'used'), node1.docker('network', 'rm', 'unused')])
      await comeBack()
      await goesFrom(node2, 'unused')
      expect(sharedIdOf(await comesTo(node3, 'used'))).toBe((await networkOn(node1, 'used'))?.Id)
      await tellsNoProblem(node3)
      await allAgree()
      await node1.docker('rm', '--force', 'one')
      await node2.docker('rm', '--force', 'two')
      await node3.docker('network', 'rm', 'used')
      await allAgree()
    },
  )

  it('a dead host holds back nothing once it is removed, and what it has goes when it returns', async () => {
    await createNetwork(node1, 'held', '--subnet', '10.81.0.0/24')
    await onAll('held')
    await startContainer(node3, 'dead', '--net', 'held')
    const { IPAddress } = await endpointOf(node3, 'dead', 'held')
    expect((await node1.kuryr.ask('POST', '/kuryr/hosts/node3/remove')).text).toMatch(/node3 is alive.*--force/)
    expect((await node1.kuryr.ask('POST', '/kuryr/hosts/node1/remove', { force: true })).text).toMatch(/this very host/)
    expect((await node1.kuryr.ask('POST', '/kuryr/hosts/nobody/remove')).text).toMatch(/no host .*expected one of/)
    await node3.kuryr.stop()
    await node1.docker('network', 'rm', 'held')
    await comesTo(node1, 'held')
    await waitUntil('the note says who uses it', 20_000, async () =>
      (await membership(node1, 'held', node1))?.note.includes('containers on node3 use it') ? true : undefined,
    )
    const removed = await node1.kuryr.ask('POST', '/kuryr/hosts/node3/remove')
    expect(JSON.parse(removed.text)).toMatchObject({ host: 'node3', ports: 1 })
    // The address is free: another container may have it.
    await startContainer(node2, 'heir', '--net', 'held', '--ip', IPAddress)
    await node2.docker('rm', '--force', 'heir')
    await node1.docker('network', 'rm', 'held')
    await goesFrom(node2, 'held')
    expect(await disagreements(lab, { sharing: ['node1', 'node2'] })).toEqual([
      'node3 has network held, which is not recorded',
      expect.stringMatching(/network held .* has 0 networks in Neutron/) as string,
      'container dead does not have one port',
      expect.stringMatching(/node3 has namespace/) as string,
    ])
    await node3.kuryr.start()
    await tellsProblem(node3, /removed while this host was gone.*remove its containers/)
    await node3.docker('rm', '--force', 'dead')
    await goesFrom(node3, 'held')
    await allAgree()
    await createNetwork(node1, 'anew')
    await onAll('anew')
    await node3.docker('network', 'rm', 'anew')
    await allAgree()
  })

  it('a live host that is removed with --force takes part again, and the operator is told so', async () => {
    await createNetwork(node1, 'forced')
    await onAll('forced')
    const forced = await node1.kuryr.ask('POST', '/kuryr/hosts/node3/remove', { force: true })
    expect(forced.text).toMatch(/still runs on host node3: .*stop kuryr there, then repeat this/)
    await node3.kuryr.restart()
    await allAgree()
    await node3.docker('network', 'rm', 'forced')
    await allAgree()
  })

  it('etcd’s data are lost: nothing goes, and once the operator accepts it, networks and containers work anew', async () => {
    await createNetwork(node1, 'kept', '--subnet', '10.82.0.0/24', '--label', 'a=b')
    await createNetwork(node2, 'spare', '--subnet', '10.83.0.0/24')
    await onAll('kept')
    await onAll('spare')
    await startContainer(node1, 'k1', '--net', 'kept')
    await startContainer(node2, 'k2', '--net', 'kept')
    await lab.etcd.stop()
    await lab.etcd.wipeData()
    await lab.etcd.start()
    await tellsProblem(node1, /store\.json/)
    await onAll('kept')
    expect(await pings(node1, 'k1', (await endpointOf(node2, 'k2', 'kept')).IPAddress)).toBe(true)
    for (const host of lab.hosts) {
      await host.kuryr.stop()
      await rm(path.join(host.stateDirectory, 'store.json'))
    }
    await Promise.all(lab.hosts.map(host => host.kuryr.start()))
    // A network on which nobody is comes anew at once, one with containers when they are stopped.
    await tellsProblem(node1, /kept is not in Neutron any more.*stop the containers/)
    await node1.docker('stop', 'k1')
    await node2.docker('stop', 'k2')
    await allAgree()
    for (const host of lab.hosts) {
      expect(await comesTo(host, 'kept')).toMatchObject({
        Labels: { a: 'b' },
        IPAM: { Config: [{ Subnet: '10.82.0.0/24' }] },
      })
      await comesTo(host, 'spare')
      await tellsNoProblem(host)
    }
    await startContainer(node3, 'k3', '--net', 'kept')
    // Docker remembers of a stopped container the id of its network, which is another one now.
    for (const [host, container] of [
      [node1, 'k1'],
      [node2, 'k2'],
    ] as const) {
      await host.docker('network', 'disconnect', 'kept', container)
      await host.docker('network', 'connect', 'kept', container)
      await host.docker('start', container)
    }
    const { IPAddress } = await endpointOf(node2, 'k2', 'kept')
    await reaches(node1, 'k1', IPAddress)
    await reaches(node3, 'k3', IPAddress)
    await allAgree()
  })
})
