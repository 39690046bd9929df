import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

describe('hosts that are away while networks come and go', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'away', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
    await createNetwork(node1, 'stays', '--subnet', '10.70.0.0/24')
    await startContainer(node1, 'one', '--net', 'stays')
  })
  afterAll(async () => {
    await lab.stop()
  })

  const allAgree = async (): Promise<void> => expect(await disagreements(lab, { patience: 30_000 })).toEqual([])
  const onAll = (name: string): Promise<unknown> => Promise.all(lab.hosts.map(host => comesTo(host, name)))

  it.each([
    ['kuryr is stopped', () => node3.kuryr.stop(), () => node3.kuryr.start()],
    ['kuryr is killed', () => node3.kuryr.kill(), () => node3.kuryr.start()],
    ['dockerd is stopped', () => node3.daemon.stop(), () => node3.daemon.start()],
    ['dockerd is killed', () => node3.daemon.kill(), () => node3.daemon.start()],
    ['the wire is unplugged', () => node3.unplugWire(), () => node3.plugWire()],
  ])('%s: what came is there and what went is gone when it is back', async (_what, leave, comeBack) => {
    await createNetwork(node1, 'goes')
    await createNetwork(node2, 'changes', '--subnet', '10.71.1.0/24')
    await onAll('goes')
    await onAll('changes')
    await leave()
    await node1.docker('network', 'rm', 'goes')
    await node2.docker('network', 'rm', 'changes')
    await goesFrom(node1, 'changes')
    await createNetwork(node1, 'comes')
    await createNetwork(node1, 'changes', '--subnet', '10.71.2.0/24')
    await comesTo(node2, 'comes')
    await comeBack()
    await comesTo(node3, 'comes')
    await goesFrom(node3, 'goes')
    await allAgree()
    expect((await networkOn(node3, 'changes'))?.IPAM.Config).toMatchObject([{ Subnet: '10.71.2.0/24' }])
    await startContainer(node3, 'late', '--net', 'stays')
    const { IPAddress } = await endpointOf(node1, 'one', 'stays')
    await waitUntil('node 3 is reached again', 20_000, async () => (await pings(node3, 'late', IPAddress)) || undefined)
    await node3.docker('rm', '--force', 'late')
    await node3.docker('network', 'rm', 'comes', 'changes')
    await allAgree()
  })

  it('kuryr away while its user makes a network (refused by Docker), then back: the user can make it', async () => {
    await node2.kuryr.stop()
    const making = node2.tryDocker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', 'patient')
    await node2.kuryr.start()
    // Docker asks a plugin that is not there for 15 seconds, and then fails.
    const { exitCode } = await making
    if (exitCode !== 0) await createNetwork(node2, 'patient')
    await onAll('patient')
    await node1.docker('network', 'rm', 'patient')
    await allAgree()
  })

  it('killed again and again in a storm of creations and removals: all agree afterwards', async () => {
    const storm = async (host: DockerHost, numbers: number[]): Promise<void> => {
      for (const number of numbers) {
        const name = `storm-${host.name}-${number}`
        await host.tryDocker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', name)
        if (number % 2 === 0) await host.tryDocker('network', 'rm', name)
      }
    }
    const killing = async (): Promise<void> => {
      for (const pause of [150, 420, 90]) {
        await new Promise(resolve => setTimeout(resolve, pause))
        await node2.kuryr.kill()
        await node2.kuryr.start()
      }
    }
    const numbers = [1, 2, 3, 4, 5]
    await Promise.all([...lab.hosts.map(host => storm(host, numbers)), killing()])
    await allAgree()
    const left = (await node1.docker('network', 'ls', '--filter', 'name=storm-', '--format', '{{.Name}}')).split('\n')
    const names = left.filter(name => name !== '')
    expect(names.length).toBeGreaterThan(0)
    await node1.docker('network', 'rm', ...names)
    await allAgree()
  })

  it('dockerd restarted with --live-restore: its containers keep their network, and nothing changes', async () => {
    const id = (await comesTo(node3, 'stays')).Id
    await node3.daemon.stop()
    await node3.daemon.start('--live-restore')
    await startContainer(node3, 'lives', '--net', 'stays')
    // Stopped in order, it would wait 15 s for its containerd, which the container keeps.
    await node3.daemon.kill()
    await node3.daemon.start('--live-restore')
    const { IPAddress } = await endpointOf(node3, 'lives', 'stays')
    expect(await pings(node1, 'one', IPAddress)).toBe(true)
    expect((await networkOn(node3, 'stays'))?.Id).toBe(id)
    await allAgree()
    await node3.docker('rm', '--force', 'lives')
    await node3.restartDocker()
    await allAgree()
  })

  it('dockerd’s data wiped: what was there comes again, and nothing goes elsewhere', async () => {
    const id = (await comesTo(node1, 'stays')).Id
    await node3.daemon.stop()
    await node3.daemon.wipeData()
    await node3.daemon.start()
    const network = await comesTo(node3, 'stays')
    expect(sharedIdOf(network)).toBe(id)
    await allAgree()
    expect((await networkOn(node1, 'stays'))?.Id).toBe(id)
  })

  it('dockerd’s data and kuryr’s state wiped, on the host where it was made', async () => {
    await createNetwork(node2, 'from2')
    await onAll('from2')
    await node2.daemon.stop()
    await node2.kuryr.stop()
    await node2.daemon.wipeData()
    await node2.kuryr.wipeState()
    await node2.kuryr.start()
    await node2.daemon.start()
    await onAll('from2')
    await allAgree()
    await node2.docker('network', 'rm', 'from2')
    await allAgree()
  })
})
