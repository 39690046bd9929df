import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Port } from '../../src/neutron/resources.ts'
import { containerTags } from '../../src/ownership/marks.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type DockerVersion, type Lab, startLab } from '../lab/lab.ts'
import { endpointOf, pings, startContainer } from './containers.ts'
import { kernelRemains, neutronContent } from './what-is-left.ts'

const nothing = { networks: [], subnets: [], subnetpools: [], ports: [] }

/** What the Engine API tells of a network, as far as the options of `docker network create` show in it. */
interface InspectedNetwork {
  Scope: string
  Internal: boolean
  Attachable: boolean
  EnableIPv4?: boolean
  EnableIPv6: boolean
  Labels: Record<string, string>
  IPAM: { Config: Record<string, unknown>[] }
}

describe.each<DockerVersion>(['20.10', '26', 'newest'])('Docker %s without a cluster store', version => {
  let lab: Lab
  let host: DockerHost
  beforeAll(async () => {
    const kuryr = { store: { url: 'sqlite://$state_path/neutron.db' }, fabric: { local_ip: '' } }
    lab = await startLab({ name: `docker ${version}`, hosts: 1, docker: version, clusterStore: false, kuryr })
    host = lab.host(1)
  })
  afterAll(async () => {
    await lab.stop()
  })

  const create = (...options: string[]): Promise<string> =>
    host.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', ...options)
  const inspect = async (name: string): Promise<InspectedNetwork> =>
    (await host.api('GET', `/networks/${name}`)).body as InspectedNetwork
  const shell = (container: string, script: string): Promise<string> =>
    host.docker('exec', container, 'sh', '-c', script)
  const expectNothingLeft = async (): Promise<void> => {
    expect(await kernelRemains(host)).toEqual([])
    expect(await neutronContent(host)).toEqual(nothing)
  }

  it('makes networks with every option, as it was asked, and takes them away without a trace', async () => {
    await create('plain')
    expect(await inspect('plain')).toMatchObject({
      Scope: 'local',
      IPAM: { Config: [{ Subnet: '10.192.0.0/24', Gateway: '10.192.0.1' }] },
    })
    const range = ['--subnet=10.40.0.0/16', '--ip-range=10.40.7.0/24', '--gateway=10.40.7.9']
    await create(...range, '--aux-address=router=10.40.7.2', '--label=team=blue', '--attachable', 'whole')
    expect(await inspect('whole')).toMatchObject({
      Attachable: true,
      Labels: { team: 'blue' },
      IPAM: { Config: [{ Subnet: '10.40.0.0/16', IPRange: '10.40.7.0/24', Gateway: '10.40.7.9' }] },
    })
    await create('--internal', '--subnet=10.41.0.0/24', 'inside')
    expect(await inspect('inside')).toMatchObject({ Internal: true })
    await create('--ipv6', '--subnet=10.42.0.0/24', '--subnet=fd00:42::/64', 'dual')
    expect(await inspect('dual')).toMatchObject({ EnableIPv6: true, IPAM: { Config: [{}, {}] } })
    await create('--ipv6', 'dualfree')
    expect((await inspect('dualfree')).IPAM.Config).toHaveLength(2)
    // The IPAM driver belongs to the configuration: Docker refuses it beside --config-from.
    const configuration = ['--ipam-driver=kuryr', '--subnet=10.43.0.0/24', '--label=from=kept', 'kept']
    await host.docker('network', 'create', '--config-only', ...configuration)
    await host.docker('network', 'create', '--driver=kuryr', '--config-from=kept', 'derived')
    expect(await inspect('derived')).toMatchObject({
      Labels: { from: 'kept' },
      IPAM: { Config: [{ Subnet: '10.43.0.0/24' }] },
    })
    await host.docker('network', 'rm', 'plain', 'whole', 'inside', 'dual', 'dualfree', 'derived', 'kept')
    await expectNothingLeft()
  })

  it('starts containers with --ip, --mac-address, in several networks, and -p with a warning', async () => {
    await create('--subnet=10.44.0.0/24', 'one')
    await create('--ipv6', '--subnet=10.45.0.0/24', '--subnet=fd00:45::/64', 'two')
    await create('--internal', 'inside')
    const more = ['-p=8080:80', '--label=team=net']
    await startContainer(host, 'a1', '--net=one', '--ip=10.44.0.44', '--mac-address=02:42:0a:2c:00:2c', ...more)
    expect(await endpointOf(host, 'a1', 'one')).toMatchObject({
      IPAddress: '10.44.0.44',
      MacAddress: '02:42:0a:2c:00:2c',
      Gateway: '10.44.0.1',
    })
    await startContainer(host, 'b1', '--net=one')
    expect((await endpointOf(host, 'b1', 'one')).MacAddress).toMatch(/^fa:16:3e:/)
    for (const network of ['two', 'inside']) await host.docker('network', 'connect', network, 'b1')
    await startContainer(host, 'c1', '--net=two', '--ip6=fd00:45::c')
    await host.docker('network', 'connect', 'inside', 'c1')
    expect(await pings(host, 'b1', '10.44.0.44')).toBe(true)
    expect(await pings(host, 'b1', 'fd00:45::c')).toBe(true)
    expect(await pings(host, 'b1', (await endpointOf(host, 'c1', 'two')).IPAddress)).toBe(true)
    expect(await pings(host, 'b1', (await endpointOf(host, 'c1', 'inside')).IPAddress)).toBe(true)
    expect(await host.docker('port', 'a1')).toBe('')
    expect(await readFile(host.kuryr.logFile, 'utf8')).toContain('published ports (-p) have no effect')
    // One default route (Docker chooses whose), none into the internal network, and no interface of Docker's own.
    expect(await shell('b1', 'ip -4 route show default; ls /sys/class/net')).toMatch(
      /^default via 10\.4[45]\.0\.1 dev eth[01] *\neth0\neth1\neth2\nlo\n$/,
    )
  })

  it('stops, starts, restarts and disconnects them, gives up their addresses each time, and tells whose the ports are', async () => {
    await host.docker('stop', 'c1')
    await host.docker('start', 'c1')
    expect((await endpointOf(host, 'c1', 'two')).GlobalIPv6Address).toBe('fd00:45::c')
    await host.docker('restart', 'a1')
    expect(await endpointOf(host, 'a1', 'one')).toMatchObject({ IPAddress: '10.44.0.44' })
    expect(await pings(host, 'b1', '10.44.0.44')).toBe(true)
    await host.docker('network', 'disconnect', 'inside', 'b1')
    await vi.waitFor(
      async () => {
        const { ports } = (await neutronContent(host)) as { ports: Port[] }
        const told = ports.map(({ description, tags }) => [description, ...containerTags(tags)]).sort()
        expect(told).toEqual([['a1', 'docker.label:team=net'], ['b1'], ['b1'], ['c1'], ['c1']])
      },
      { timeout: 20_000, interval: 100 },
    )
  })

  it('keeps them running over a live-restore of dockerd, and over its end by kill -9', async () => {
    await host.daemon.stop()
    await host.daemon.start('--live-restore')
    await host.docker('start', 'a1', 'b1', 'c1')
    for (const end of [() => host.daemon.stop(), () => host.daemon.kill()]) {
      await end()
      await host.daemon.start('--live-restore')
      expect(await pings(host, 'b1', '10.44.0.44')).toBe(true)
      expect(await pings(host, 'b1', 'fd00:45::c')).toBe(true)
      expect(await endpointOf(host, 'a1', 'one')).toMatchObject({ IPAddress: '10.44.0.44' })
    }
    await host.docker('rm', '--force', 'a1', 'b1', 'c1')
    await host.docker('network', 'prune', '--force')
    await expectNothingLeft()
  })

  it.runIf(version === 'newest')('makes networks of IPv6 alone, and refuses one of neither family', async () => {
    await create('--ipv4=false', '--ipv6', '--subnet=fd00:46::/64', 'six')
    expect(await inspect('six')).toMatchObject({ EnableIPv4: false, EnableIPv6: true, IPAM: { Config: [{}] } })
    await startContainer(host, 'six1', '--net=six')
    await startContainer(host, 'six2', '--net=six', '--ip6=fd00:46::66')
    expect(await endpointOf(host, 'six2', 'six')).toMatchObject({ IPAddress: '', GlobalIPv6Address: 'fd00:46::66' })
    expect(await pings(host, 'six1', 'fd00:46::66')).toBe(true)
    await host.docker('rm', '--force', 'six1', 'six2')
    await host.docker('network', 'rm', 'six')
    await expect(create('--ipv4=false', 'neither')).rejects.toThrow('with --ipv4=false, give --ipv6')
    await expectNothingLeft()
  })

  it('uses a subnet of the operator’s that has no gateway: its first address is a container’s', async () => {
    const network = { network: { name: 'flat' } }
    const made = (await host.neutron('POST', '/v2.0/networks', network)) as { network: { id: string } }
    const subnet = { network_id: made.network.id, ip_version: 4, cidr: '10.47.0.0/24', gateway_ip: null }
    await host.neutron('POST', '/v2.0/subnets', { subnet })
    await create('--subnet=10.47.0.0/24', '-o', 'neutron.net.name=flat', 'flat')
    expect((await inspect('flat')).IPAM.Config).toEqual([{ Subnet: '10.47.0.0/24' }])
    await startContainer(host, 'flat1', '--net=flat', '--ip=10.47.0.1')
    expect(await endpointOf(host, 'flat1', 'flat')).toMatchObject({ IPAddress: '10.47.0.1', Gateway: '' })
    expect(await shell('flat1', 'ip route')).not.toContain('default')
    await host.docker('rm', '--force', 'flat1')
    await host.docker('network', 'rm', 'flat')
    await host.neutron('DELETE', `/v2.0/networks/${made.network.id}`)
    await expectNothingLeft()
  })

  it('names the interface as the user wants it where Docker lets us, from 29.8 on', async () => {
    const { ServerVersion } = (await host.api('GET', '/info')).body as { ServerVersion: string }
    const [major = 0, minor = 0] = ServerVersion.split('.').map(Number)
    const heeded = major > 29 || (major === 29 && minor >= 8)
    await create('named')
    const named = ['--network', 'name=named,driver-opt=com.docker.network.endpoint.ifname=lan0']
    expect(await host.docker('run', '--rm', ...named, 'busybox', 'ls', '/sys/class/net')).toBe(
      heeded ? 'lan0\nlo\n' : 'eth0\nlo\n',
    )
    const refused = ['--network', 'name=named,driver-opt=com.docker.network.endpoint.ifname=a/b']
    const { stderr } = await host.tryDocker('run', '--rm', ...refused, 'busybox', 'true')
    expect(stderr).toContain('expected an interface name of 1 to 15 bytes')
    await host.docker('network', 'rm', 'named')
    await expectNothingLeft()
  })

  it('takes everything of containers away that a killed dockerd left', async () => {
    await host.restartDocker()
    await create('--ipv6', 'crash')
    for (const name of ['x1', 'y1']) await startContainer(host, name, '--net=crash')
    await host.daemon.kill()
    await host.daemon.start()
    expect(((await neutronContent(host)) as { ports: unknown[] }).ports).toEqual([])
    await host.docker('rm', '--force', 'x1', 'y1')
    await host.docker('network', 'rm', 'crash')
    await expectNothingLeft()
  })

  it('goes on in a swarm with capability_scope = local; with global, kuryr status says what is wrong', async () => {
    await host.docker('swarm', 'init', '--advertise-addr', host.address)
    await create('--attachable', 'beside')
    await startContainer(host, 'beside1', '--net=beside')
    await host.docker('rm', '--force', 'beside1')
    await host.docker('network', 'rm', 'beside')
    await expectNothingLeft()
    expect(await host.kuryrCommand('status')).toContain('All is well.')

    await host.kuryr.configure({ DEFAULT: { capability_scope: 'global' } })
    await host.kuryr.restart()
    await host.restartDocker()
    await expect(create('refused')).rejects.toThrow(
      'legacy plugin kuryr of type NetworkDriver is not supported in swarm mode',
    )
    expect((await host.tryKuryrCommand('status')).stdout).toContain('refuses a plugin whose capability_scope is global')
    await host.docker('swarm', 'leave', '--force')
    expect((await host.tryKuryrCommand('status')).stdout).toContain('runs without a cluster store')
    await expectNothingLeft()
  })
})
