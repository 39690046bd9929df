import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { endpointOf, pings, startContainer } from './containers.ts'
import { kernelRemains } from './what-is-left.ts'

describe('one host with Docker, no cluster store, no etcd for kuryr', () => {
  let lab: Lab
  let host: DockerHost
  beforeAll(async () => {
    lab = await startLab({
      name: 'one',
      hosts: 1,
      clusterStore: false,
      kuryr: { store: { url: 'sqlite://$state_path/neutron.db' }, fabric: { local_ip: '' } },
    })
    host = lab.host(1)
  })
  afterAll(async () => {
    await lab.stop()
  })

  it('containers of a network reach each other, with the full MTU, and survive a restart of the daemon', async () => {
    await host.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', 'lone')
    await startContainer(host, 'here', '--net', 'lone')
    await startContainer(host, 'there', '--net', 'lone')
    const { IPAddress } = await endpointOf(host, 'there', 'lone')
    expect(await pings(host, 'here', IPAddress)).toBe(true)
    expect(await host.docker('exec', 'here', 'cat', '/sys/class/net/eth0/mtu')).toBe('1500\n')
    await host.kuryr.kill()
    await host.kuryr.start()
    expect(await pings(host, 'here', IPAddress)).toBe(true)
    await host.docker('rm', '--force', 'here', 'there')
    await host.docker('network', 'rm', 'lone')
    expect(await kernelRemains(host)).toEqual([])
  })

  it('kuryr status says in words that all is well', async () => {
    const status = await host.run(`${process.cwd()}/bin/kuryr`, 'status', '--config-file', host.kuryr.configFile)
    expect(status).toContain('All is well.')
  })
})
