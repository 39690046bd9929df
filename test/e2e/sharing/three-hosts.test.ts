import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'

describe('three hosts with Docker 26, which has no cluster store', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'sharing', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('a network that is made on one host is on all, and containers on it reach each other', async () => {
    const id = await createNetwork(
      node1,
      'blue',
      '--subnet',
      '10.20.0.0/16',
      '--ip-range',
      '10.20.1.0/24',
      '--label',
      'a=b/c "d"',
    )
    for (const host of [node2, node3]) {
      const network = await comesTo(host, 'blue')
      expect(sharedIdOf(network)).toBe(id)
      expect(network).toMatchObject({ Scope: 'local', Driver: 'kuryr', Labels: { a: 'b/c "d"' } })
      expect(network.IPAM.Config).toMatchObject([{ Subnet: '10.20.0.0/16', IPRange: '10.20.1.0/24' }])
    }
    await startContainer(node1, 'one', '--net', 'blue')
    await startContainer(node2, 'two', '--net', 'blue')
    await startContainer(node3, 'three', '--net', 'blue')
    const addresses = [
      (await endpointOf(node1, 'one', 'blue')).IPAddress,
      (await endpointOf(node2, 'two', 'blue')).IPAddress,
      (await endpointOf(node3, 'three', 'blue')).IPAddress,
    ]
    expect(new Set(addresses).size).toBe(3)
    expect(await pings(node1, 'one', addresses[1] ?? '')).toBe(true)
    expect(await pings(node3, 'three', addresses[0] ?? '')).toBe(true)
  })

  it('what is removed where nobody uses it comes back while it is used elsewhere', async () => {
    await node3.docker('rm', '--force', 'three')
    await node3.docker('network', 'rm', 'blue')
    const again = await comesTo(node3, 'blue')
    expect(sharedIdOf(again)).toBe((await networkOn(node1, 'blue'))?.Id)
    await startContainer(node3, 'three', '--net', 'blue')
    expect(await pings(node3, 'three', (await endpointOf(node1, 'one', 'blue')).IPAddress)).toBe(true)
  })

  it('what is removed and used nowhere goes everywhere, and nothing of it is left in Neutron', async () => {
    await node1.docker('rm', '--force', 'one')
    await node2.docker('rm', '--force', 'two')
    await node3.docker('rm', '--force', 'three')
    await node2.docker('network', 'rm', 'blue')
    for (const host of lab.hosts) await goesFrom(host, 'blue')
    const keys = [...(await lab.etcd.v3Get('/kuryr/')).keys()]
    expect(keys.filter(key => /\/(networks|subnets|subnetpools|ports|addresses)\//.test(key))).toEqual([])
  })
})
