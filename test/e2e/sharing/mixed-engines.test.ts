import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { endpointOf, startContainer, unreachable } from '../containers.ts'
import { comesTo, createNetwork, goesFrom, networkOn } from './shared-networks.ts'

describe('three hosts with Docker 20.10, 26 and the newest, none with a cluster store', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ name: 'mixed', docker: ['20.10', '26', 'newest'] })
  })
  afterAll(async () => {
    await lab.stop()
  })

  const number = (host: DockerHost): string => host.name.replace('node', '')
  const addressOn = async (host: DockerHost, network: string): Promise<string> =>
    (await endpointOf(host, `on-${network}`, network)).IPAddress

  /** Each container of the network reaches those on all hosts. */
  async function expectConnected(network: string): Promise<void> {
    const addresses = await Promise.all(lab.hosts.map(host => addressOn(host, network)))
    const missed = await Promise.all(lab.hosts.map(host => unreachable(host, `on-${network}`, addresses)))
    expect(missed).toEqual(lab.hosts.map(() => []))
  }

  it('a network that any of them makes is on all, and its containers reach each other', async () => {
    for (const host of lab.hosts) {
      const subnets = ['--subnet', `10.5${number(host)}.0.0/24`, '--subnet', `fd00:5${number(host)}::/64`]
      await createNetwork(host, `by-${host.name}`, '--ipv6', ...subnets)
    }
    for (const maker of lab.hosts) {
      const network = `by-${maker.name}`
      const join = async (host: DockerHost): Promise<void> => {
        expect(await comesTo(host, network)).toMatchObject({ Scope: 'local', EnableIPv6: true })
        await startContainer(host, `on-${network}`, '--net', network)
      }
      await Promise.all(lab.hosts.map(join))
      await expectConnected(network)
    }
  })

  it('a host goes from 20.10 to 26 and to the newest: its networks and containers are there again, others go on', async () => {
    const host = lab.host(1)
    const before = (await networkOn(host, 'by-node3'))?.Id
    for (const version of ['26', 'newest'] as const) {
      await host.daemon.upgradeTo(version)
      expect((await networkOn(host, 'by-node3'))?.Id).toBe(before)
      const others = await addressOn(lab.host(3), 'by-node3')
      expect(await unreachable(lab.host(2), 'on-by-node3', [others])).toEqual([])
      await host.docker('start', ...lab.hosts.map(maker => `on-by-${maker.name}`))
      for (const maker of lab.hosts) await expectConnected(`by-${maker.name}`)
    }
  })

  it('a network of IPv6 alone is on the hosts whose Docker can have one; the others say why not', async () => {
    const subnet = ['--ipv4=false', '--ipv6', '--subnet', 'fd00:56::/64']
    await createNetwork(lab.host(3), 'six', ...subnet)
    await comesTo(lab.host(1), 'six')
    await waitUntil('the host with Docker 26 does not say why it lacks the network', 20_000, async () => {
      const { stdout } = await lab.host(2).tryKuryrCommand('status')
      return /"six" is to be without IPv4: .*Docker 28/.test(stdout) ? true : undefined
    })
    expect(await networkOn(lab.host(2), 'six')).toBeUndefined()
    await lab.host(1).docker('network', 'rm', 'six')
    await goesFrom(lab.host(3), 'six')
  })

  it('all of it goes, from whichever host, without a trace', async () => {
    for (const host of lab.hosts) {
      await host.docker('rm', '--force', ...lab.hosts.map(maker => `on-by-${maker.name}`))
    }
    for (const maker of lab.hosts) {
      await lab.host(2).docker('network', 'rm', `by-${maker.name}`)
      for (const host of lab.hosts) await goesFrom(host, `by-${maker.name}`)
    }
    const keys = [...(await lab.etcd.v3Get('/kuryr/')).keys()]
    expect(keys.filter(key => /\/(networks|subnets|subnetpools|ports|addresses)\//.test(key))).toEqual([])
  })
})
