import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { endpointOf, pings } from '../containers.ts'
import { kernelRemains, neutronContent } from '../what-is-left.ts'
import { compose, type ComposeProject } from './compose-project.ts'
import { comesTo, createNetwork, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'

describe('Compose projects on two hosts', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'compose', docker: ['26', 'newest'] })
    ;[node1, node2] = [lab.host(1), lab.host(2)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  /** Whether the containers of the project reach each other, both ways. */
  const expectReach = async ({ name }: ComposeProject, network: string): Promise<void> => {
    const container = `${name}-web-1`
    const [one, two] = [await endpointOf(node1, container, network), await endpointOf(node2, container, network)]
    expect(one.IPAddress).not.toBe(two.IPAddress)
    expect(await pings(node1, container, two.IPAddress)).toBe(true)
    expect(await pings(node2, container, one.IPAddress)).toBe(true)
  }

  it('join one external network, which no project removes', async () => {
    const project = { name: 'outer', networks: { blue: { external: true } } }
    await createNetwork(node1, 'blue', '--subnet', '10.50.0.0/24')
    await comesTo(node2, 'blue')
    await compose(node2, project, 'up', '--detach')
    await compose(node1, project, 'up', '--detach')
    await expectReach(project, 'blue')
    await compose(node1, project, 'down')
    await compose(node2, project, 'down')
    expect(await networkOn(node1, 'blue')).toBeDefined()
    await node2.docker('network', 'rm', 'blue')
    await goesFrom(node1, 'blue')
  })

  describe('whose own network is made by whichever comes first', () => {
    const kuryr = { driver: 'kuryr', ipam: { driver: 'kuryr', config: [{ subnet: '10.51.0.0/24' }] } }
    const project = { name: 'shop', networks: { inner: { ...kuryr, labels: { 'team.of': 'a "b" c=d' } } } }
    const network = 'shop_inner'
    let sharedId: string

    it('the second takes the replica, labels and all, as its own', async () => {
      await compose(node2, project, 'up', '--detach')
      const made = await comesTo(node1, network)
      sharedId = sharedIdOf(made)
      expect(made.Labels).toEqual((await networkOn(node2, network))?.Labels)
      expect(made.Labels).toMatchObject({
        'com.docker.compose.network': 'inner',
        'com.docker.compose.project': 'shop',
        'team.of': 'a "b" c=d',
      })
      const said = await compose(node1, project, 'up', '--detach')
      expect(said).not.toContain(`Network ${network}`)
      expect((await networkOn(node1, network))?.Id).toBe(made.Id)
      await expectReach(project, network)
    })

    it('a down on one host while the other is up leaves the network, and it can be up again', async () => {
      expect(await compose(node1, project, 'down')).toContain(`Network ${network}  Removed`)
      const again = await comesTo(node1, network)
      expect(sharedIdOf(again)).toBe(sharedId)
      await compose(node1, project, 'up', '--detach')
      await expectReach(project, network)
    })

    it('down on both hosts it is gone from both, and nothing of it is left', async () => {
      await compose(node2, project, 'down')
      await comesTo(node2, network)
      await compose(node1, project, 'down')
      for (const host of lab.hosts) {
        await goesFrom(host, network)
        expect(await kernelRemains(host)).toEqual([])
      }
      const nothing = { networks: [], subnets: [], subnetpools: [], ports: [] }
      await expect.poll(() => neutronContent(node1), { timeout: 20_000 }).toEqual(nothing)
    })
  })
})
