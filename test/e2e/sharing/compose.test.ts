import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
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

  it('that come up in the same moment are on one network, or the host that was second says why not', async () => {
    const ipam = { driver: 'kuryr', config: [{ subnet: '10.52.0.0/24' }] }
    for (const round of [1, 2, 3]) {
      const project = { name: `race${round}`, networks: { inner: { driver: 'kuryr', ipam } } }
      await Promise.all(lab.hosts.map(host => upAtOnce(host, project)))
      const network = `${project.name}_inner`
      const ids = new Set((await Promise.all(lab.hosts.map(host => comesTo(host, network)))).map(sharedIdOf))
      if (ids.size === 1) await expectReach(project, network)
      // The second one's container was started before its network could give way.
      else expect(await allStatus()).toContain(`network ${network} of this host is not shared`)
      for (const host of lab.hosts) await compose(host, project, 'down')
      for (const host of lab.hosts) {
        await waitUntil(`${network} is still on ${host.name}`, 30_000, async () => {
          // Removed while the other was still up, it came back: a second removal is the last.
          if ((await networkOn(host, network)) === undefined) return true
          await host.tryDocker('network', 'rm', network)
          return undefined
        })
      }
    }
  })

  /** The network of the second gives way to the first's: a container that starts in between finds none, and does at once after. */
  const upAtOnce = async (host: DockerHost, project: ComposeProject): Promise<void> => {
    try {
      await compose(host, project, 'up', '--detach')
    } catch (error) {
      expect(String(error)).toMatch(/network \S+ not found/)
      await comesTo(host, `${project.name}_inner`)
      await compose(host, project, 'up', '--detach')
    }
  }

  const allStatus = async (): Promise<string> =>
    (await Promise.all(lab.hosts.map(host => host.tryKuryrCommand('status')))).map(({ stdout }) => stdout).join('\n')

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
