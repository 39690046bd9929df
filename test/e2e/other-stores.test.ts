import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { endpointOf, pings, startContainer } from './containers.ts'
import { comesTo, createNetwork, goesFrom, sharedIdOf } from './sharing/shared-networks.ts'
import { neutronContent } from './what-is-left.ts'

describe.each(['consul', 'zookeeper'] as const)('two hosts with Docker 26 and kuryr on %s', store => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let before: Awaited<ReturnType<typeof neutronContent>>
  let networkId: string
  beforeAll(async () => {
    lab = await startLab({ name: store, docker: '26', store })
    ;[node1, node2] = [lab.host(1), lab.host(2)]
    const answer = await node1.neutron('POST', '/v2.0/networks', { network: { name: 'existing' } })
    networkId = (answer as { network: { id: string } }).network.id
    before = await neutronContent(node1)
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('a network that is made on one host is on the other', async () => {
    const addresses = ['--subnet', '10.0.0.0/16', '--gateway', '10.0.0.1', '--ip-range', '10.0.0.0/24']
    const id = await createNetwork(node1, 'kuryr', ...addresses, '-o', `neutron.net.uuid=${networkId}`)
    const network = await comesTo(node2, 'kuryr')
    expect(sharedIdOf(network)).toBe(id)
    expect(network).toMatchObject({
      Driver: 'kuryr',
      IPAM: { Config: [{ Subnet: '10.0.0.0/16', IPRange: '10.0.0.0/24', Gateway: '10.0.0.1' }] },
      Options: { 'neutron.net.uuid': networkId },
    })
  })

  it('containers on both hosts have addresses of the range, and reach each other', async () => {
    await Promise.all([
      startContainer(node1, 'one', '--net', 'kuryr', '--privileged'),
      startContainer(node2, 'two', '--net', 'kuryr', '--privileged'),
    ])
    const one = await endpointOf(node1, 'one', 'kuryr')
    const two = await endpointOf(node2, 'two', 'kuryr')
    expect(one.IPAddress).toMatch(/^10\.0\.0\.\d+$/)
    expect(two.IPAddress).not.toBe(one.IPAddress)
    expect(await pings(node1, 'one', two.IPAddress)).toBe(true)
    expect(await pings(node2, 'two', one.IPAddress)).toBe(true)
  })

  it('they reach each other while the store is down, and more of them start once it is back', async () => {
    const two = await endpointOf(node2, 'two', 'kuryr')
    await lab.store?.kill()
    expect(await pings(node1, 'one', two.IPAddress)).toBe(true)
    await lab.store?.start()
    await startContainer(node2, 'three', '--net', 'kuryr')
    const three = await endpointOf(node2, 'three', 'kuryr')
    expect(await pings(node1, 'one', three.IPAddress)).toBe(true)
  })

  it('removed from the other host it is gone from both, and Neutron is as it was', async () => {
    await node1.docker('rm', '--force', 'one')
    await node2.docker('rm', '--force', 'two', 'three')
    await node2.docker('network', 'rm', 'kuryr')
    for (const host of lab.hosts) await goesFrom(host, 'kuryr')
    await expect.poll(() => neutronContent(node2), { timeout: 10_000 }).toEqual(before)
  })
})
