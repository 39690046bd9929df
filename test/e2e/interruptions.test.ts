import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { endpointOf, pings, startContainer } from './containers.ts'
import { everythingLeft, neutronContent } from './what-is-left.ts'

describe('parts that stop in the middle', () => {
  let lab: Lab
  let one: DockerHost
  let two: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'interruptions' })
    ;[one, two] = [lab.host(1), lab.host(2)]
    await one.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', '--subnet', '10.30.0.0/24', 'net')
    await startContainer(one, 'first', '--net', 'net')
    await startContainer(two, 'second', '--net', 'net')
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('the daemon of host 2, killed and restarted with an empty state directory, goes on where it was', async () => {
    const address = (await endpointOf(two, 'second', 'net')).IPAddress
    await two.kuryr.kill()
    expect(await pings(one, 'first', address)).toBe(true)
    await two.kuryr.wipeState()
    await two.kuryr.start()
    expect(await pings(one, 'first', address)).toBe(true)
    await startContainer(two, 'third', '--net', 'net')
    expect(await pings(one, 'first', (await endpointOf(two, 'third', 'net')).IPAddress)).toBe(true)
    await two.docker('rm', '--force', 'second', 'third')
    await startContainer(two, 'second', '--net', 'net')
  })

  it('a container that is new while the other host’s daemon is down is reached once it is back', async () => {
    await one.kuryr.stop()
    await startContainer(two, 'late', '--net', 'net')
    await one.kuryr.start()
    const { IPAddress } = await endpointOf(two, 'late', 'net')
    await waitUntil('the container is reached', 10_000, () => pings(one, 'first', IPAddress))
    await two.docker('rm', '--force', 'late')
  })

  it('running containers do not notice that etcd is away, and new ones start when it is back', async () => {
    const address = (await endpointOf(two, 'second', 'net')).IPAddress
    await lab.etcd.kill()
    expect(await pings(one, 'first', address)).toBe(true)
    await lab.etcd.start()
    await waitUntil('a container starts', 30_000, async () => {
      const run = await one.tryDocker('run', '--rm', '--net', 'net', 'busybox', 'ping', '-c', '2', '-W', '2', address)
      return run.exitCode === 0
    })
  })

  it('a restart of dockerd takes its containers away cleanly, and they start again', async () => {
    await two.restartDocker()
    await two.docker('start', 'second')
    expect(await pings(one, 'first', (await endpointOf(two, 'second', 'net')).IPAddress)).toBe(true)
  })

  it('the network is refused to be removed while in use anywhere, then goes from either host, with all of it', async () => {
    const refused = await two.tryDocker('network', 'rm', 'net')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain('has active endpoints')
    await one.docker('rm', '--force', 'first')
    await two.docker('rm', '--force', 'second')
    await two.docker('network', 'rm', 'net')
    expect(await one.docker('network', 'ls', '--format', '{{.Name}}')).not.toContain('net\n')
    expect(await everythingLeft(lab)).toEqual([])
    expect(await neutronContent(two)).toEqual({ networks: [], subnets: [], subnetpools: [], ports: [] })
  })
})
