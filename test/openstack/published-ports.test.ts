import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FloatingIp } from '../../src/neutron/access.ts'
import { endpointOf, startContainer } from '../e2e/containers.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { imageName } from '../lab/image.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'
import type { NetworkNode } from '../lab/openstack/network-node.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { startCloudLab } from './cloud-lab.ts'
import { makeNetwork } from './hand-made-port.ts'
import { linuxbridge } from './kinds.ts'

const network = ['--driver', 'kuryr', '--ipam-driver', 'kuryr', '--subnet', '10.9.0.0/24', '--gateway', '10.9.0.1']

describe('ports published through a floating IP, with the L3 agent', () => {
  let lab: Lab
  let cloud: Cloud
  let outside: NetworkNode
  let node1: DockerHost
  let node2: DockerHost
  /** The floating IP of the network. */
  let at = ''

  beforeAll(async () => {
    ;({ lab, cloud } = await startCloudLab('published ports', { ...linuxbridge, routers: true }))
    if (!cloud.networkNode) throw new Error('expected a machine for routers')
    outside = cloud.networkNode
    ;[node1, node2] = [lab.host(1), lab.host(2)]
    const { id, subnets } = await makeNetwork(cloud, '10.9.0.0/24')
    const [subnet] = (await cloud.list('subnets', `network_id=${id}`)) as { id: string }[]
    await outside.makeRouter(await outside.makeExternalNetwork(), [subnet?.id ?? subnets[0] ?? ''])
    const options = { 'neutron.net.uuid': id, 'kuryr.publish': 'floating-ip' }
    const given = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    await node1.docker('network', 'create', ...network, ...given, 'web')
  })
  afterAll(async () => {
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  async function serve(host: DockerHost, name: string, outer: number): Promise<void> {
    await startContainer(host, name, '--net', 'web', '-p', `${outer}:80`)
    await host.docker('exec', '--detach', name, 'sh', '-c', `echo ${name} > /www/index.html; httpd -f -p 80 -h /www`)
  }

  /** What the machine outside reads there; empty where nobody answers. */
  async function read(port: number): Promise<string> {
    const { stdout } = await outside.fromOutside('curl', '--silent', '--max-time', '3', `http://${at}:${port}/`)
    return stdout.trim()
  }

  /** Waits for the agent, and for the first packets, which may be lost while neighbours are found. */
  const comes = (port: number, text: string): Promise<true> =>
    waitUntil(`port ${port} of ${at} does not give ${JSON.stringify(text)}`, 60_000, async () =>
      (await read(port)) === text ? true : undefined,
    )

  it('reach containers on both hosts from outside, and only at these ports', async () => {
    await serve(node1, 'one', 8080)
    await serve(node2, 'two', 8081)
    const floatingIps = (await cloud.list('floatingips')) as FloatingIp[]
    expect(floatingIps).toHaveLength(1)
    at = floatingIps[0]?.floating_ip_address ?? ''
    await comes(8080, 'one')
    await comes(8081, 'two')
    expect(await read(8082)).toBe('')
    expect(await read(80)).toBe('')
  })

  it('are listed by kuryr on any host', async () => {
    const listed = JSON.parse(await node2.kuryrCommand('port', 'ls', '--format', 'json')) as { endpointId: string }[]
    const { EndpointID, IPAddress } = await endpointOf(node1, 'one', 'web')
    expect(listed).toHaveLength(2)
    expect(listed.find(({ endpointId }) => endpointId === EndpointID)).toMatchObject({
      ...{ host: 'node1', address: at, outerPort: 8080, protocol: 'tcp' },
      ...{ containerAddress: IPAddress, containerPort: 80 },
    })
  })

  it('that another container has make the start fail, which leaves nothing behind', async () => {
    const ids = async (): Promise<string[]> =>
      [...(await cloud.list('ports')), ...(await cloud.list('floatingips'))]
        .map(one => (one as { id: string }).id)
        .sort()
    const before = await ids()
    const run = (outer: number) =>
      node2.tryDocker('run', '--rm', '--name', 'three', '--net', 'web', '-p', `${outer}:80`, imageName, 'true')
    const refused = await run(8080)
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain(`port 8080/tcp of ${at} is already published by`)
    expect(await ids()).toEqual(before)
    await node2.tryDocker('rm', '--force', 'three')
    // Docker has forgotten the first attempt, too.
    expect(await run(8083)).toMatchObject({ exitCode: 0 })
    expect(await ids()).toEqual(before)
  })

  it('go with their container', async () => {
    await node1.docker('rm', '--force', 'one')
    await comes(8080, '')
    expect(await read(8081)).toBe('two')
    await node2.docker('rm', '--force', 'two')
    await comes(8081, '')
  })

  it('are there again after the daemon was killed in between, at the same address', async () => {
    await serve(node1, 'one', 8080)
    await comes(8080, 'one')
    await node1.kuryr.restart()
    expect(await read(8080)).toBe('one')
    await node1.docker('restart', '--time', '0', 'one')
    await node1.docker('exec', '--detach', 'one', 'httpd', '-f', '-p', '80', '-h', '/www')
    await comes(8080, 'one')
    await node1.docker('rm', '--force', 'one')
  })

  it('leave nothing when the network goes', async () => {
    await node2.docker('network', 'rm', 'web')
    expect(await cloud.list('floatingips')).toEqual([])
    expect(await cloud.list('subnetpools')).toEqual([])
  })

  it('have no effect on a network that does not say how, and `kuryr status` tells', async () => {
    await node1.docker('network', 'create', ...network.with(5, '10.10.0.0/24').with(7, '10.10.0.1'), 'plain')
    await startContainer(node1, 'plain', '--net', 'plain', '-p', '8080:80')
    const { stdout } = await node1.tryKuryrCommand('status')
    expect(stdout).toContain('1 container asks in vain to publish ports (-p)')
    await node1.docker('rm', '--force', 'plain')
    expect((await node1.tryKuryrCommand('status')).stdout).not.toContain('in vain')
    await node1.docker('network', 'rm', 'plain')
  })
})
