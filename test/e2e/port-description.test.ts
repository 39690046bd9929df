import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Port, Subnet } from '../../src/neutron/resources.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { KuryrOptions } from '../lab/hosts/kuryr-daemon.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { startContainer } from './containers.ts'
import { kernelRemains, neutronContent } from './what-is-left.ts'

const patience = { timeout: 20_000, interval: 100 }
/** A container's name and labels, as its port is expected to tell them. */
type Told = [name: string, ...labels: string[]]

describe('the names and labels of containers in Neutron, on one host that shares nothing', () => {
  let lab: Lab
  let host: DockerHost
  beforeAll(async () => {
    const kuryr = { store: { url: 'sqlite://$state_path/neutron.db' }, fabric: { local_ip: '' } }
    lab = await startLab({ name: 'told', hosts: 1, clusterStore: false, kuryr })
    host = lab.host(1)
    for (const [index, name] of ['blue', 'green'].entries()) {
      const subnet = ['--subnet', `10.6${index}.0.0/24`]
      await host.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', ...subnet, name)
    }
  })
  afterAll(async () => {
    await lab.stop()
  })

  const labels = ({ tags }: Port): string[] => tags.filter(tag => tag.startsWith('docker.')).sort()
  const ports = async (): Promise<Port[]> => ((await host.neutron('GET', '/v2.0/ports')) as { ports: Port[] }).ports
  /** Waits until there are exactly the ports of these containers. */
  const tell = (...expected: Told[]): Promise<unknown> =>
    vi.waitFor(async () => {
      const told = (await ports()).map((port): Told => [port.description, ...labels(port)])
      expect(told.sort()).toEqual(expected)
    }, patience)
  const start = (name: string, network: string, ...more: string[]): Promise<void> =>
    startContainer(host, name, '--net', network, ...more)
  const restartWith = async (options: KuryrOptions): Promise<void> => {
    await host.kuryr.stop()
    await host.kuryr.configure(options)
    await host.kuryr.start()
  }

  it('are on each of their ports, and follow a rename', async () => {
    const compose = ['--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.config-hash=1']
    await start('web', 'blue', '--label', 'team=net', ...compose)
    await start('db', 'green')
    await host.docker('network', 'connect', 'green', 'web')
    const told = ['docker.label:com.docker.compose.project=shop', 'docker.label:team=net']
    await tell(['db'], ['web', ...told], ['web', ...told])
    await host.docker('rename', 'web', 'shop')
    await tell(['db'], ['shop', ...told], ['shop', ...told])
    await host.docker('network', 'disconnect', 'green', 'shop')
    await host.docker('rm', '--force', 'shop')
    await tell(['db'])
  })

  it('are made good for what was missed while the daemon, and then dockerd, was down', async () => {
    await start('web', 'blue', '--label', 'team=net')
    await tell(['db'], ['web', 'docker.label:team=net'])
    const [port] = (await ports()).filter(({ description }) => description === 'web')
    await host.neutron('PUT', `/v2.0/ports/${port?.id}/tags/docker.label:forged=yes`)
    await host.neutron('DELETE', `/v2.0/ports/${port?.id}/tags/docker.label:team=net`)
    await host.kuryr.kill()
    await host.docker('rename', 'db', 'store')
    await host.kuryr.start()
    await tell(['store'], ['web', 'docker.label:team=net'])
    await host.restartDocker()
    await host.docker('start', 'web', 'store')
    await tell(['store'], ['web', 'docker.label:team=net'])
    await host.docker('rm', '--force', 'web', 'store')
  })

  it('are tags on a port that the operator made, which is given back as it was', async () => {
    const { subnets } = (await host.neutron('GET', '/v2.0/subnets?cidr=10.60.0.0/24')) as { subnets: Subnet[] }
    const network_id = subnets[0]?.network_id
    const wish = { network_id, description: 'of the operator', fixed_ips: [{ ip_address: '10.60.0.77' }] }
    const { port } = (await host.neutron('POST', '/v2.0/ports', { port: wish })) as { port: Port }
    await host.neutron('PUT', `/v2.0/ports/${port.id}/tags/theirs`)
    const before = await neutronContent(host)
    await start('kept', 'blue', '--ip', '10.60.0.77', '--label', 'team=db')
    await tell(['of the operator', 'docker.label:team=db', 'docker.name:kept'])
    await host.docker('rm', '--force', 'kept')
    expect(await neutronContent(host)).toEqual(before)
    await host.neutron('DELETE', `/v2.0/ports/${port.id}`)
  })

  it('need one event stream of dockerd, beside network sharing too, and none with describe_ports = false', async () => {
    const listeners = async (): Promise<unknown> =>
      ((await host.api('GET', '/info')).body as { NEventsListener: number }).NEventsListener
    expect(await listeners()).toBe(1)
    await restartWith({ DEFAULT: { describe_ports: 'false' } })
    await start('quiet', 'blue')
    expect(await listeners()).toBe(0)
    expect((await ports()).map(({ description }) => description)).toEqual([
      expect.stringMatching(/^kuryr\.host:node1 /),
    ])
    await host.docker('rm', '--force', 'quiet')
    await host.docker('network', 'rm', 'blue', 'green')
    expect(await kernelRemains(host)).toEqual([])
    expect(await neutronContent(host)).toEqual({ networks: [], subnets: [], subnetpools: [], ports: [] })
    await restartWith({
      DEFAULT: { describe_ports: 'true' },
      store: { url: `etcd://${lab.etcd.endpoint}` },
      fabric: { local_ip: host.address },
    })
    await host.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', 'shared')
    await vi.waitFor(async () => expect(await host.kuryrCommand('network', 'ls')).toContain('shared'), patience)
    await start('seen', 'shared')
    await vi.waitFor(
      async () => expect(await host.kuryrCommand('network', 'inspect', 'shared')).toContain('seen'),
      patience,
    )
    expect(await listeners()).toBe(1)
  })
})
