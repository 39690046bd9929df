import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { endpointOf, pings, startContainer } from './containers.ts'
import { everythingLeft, neutronContent } from './what-is-left.ts'

describe('what users do with containers and networks', () => {
  let lab: Lab
  let one: DockerHost
  let two: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'options' })
    ;[one, two] = [lab.host(1), lab.host(2)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  const create = (host: DockerHost, ...options: string[]): Promise<string> =>
    host.docker('network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', ...options)
  const remove = async (...names: string[]): Promise<void> => {
    for (const host of [one, two]) {
      const ids = (await host.docker('ps', '--all', '--quiet')).split('\n').filter(id => id !== '')
      if (ids.length > 0) await host.docker('rm', '--force', ...ids)
    }
    for (const name of names) await two.docker('network', 'rm', name)
    expect(await everythingLeft(lab)).toEqual([])
  }

  it('--ip and --mac-address are what the container gets, and what others reach', async () => {
    await create(one, '--subnet', '10.20.0.0/24', 'fixed')
    await startContainer(one, 'asker', '--net', 'fixed')
    await startContainer(two, 'fixed1', '--net', 'fixed', '--ip', '10.20.0.99', '--mac-address', '02:42:0a:14:00:63')
    expect(await endpointOf(two, 'fixed1', 'fixed')).toMatchObject({
      IPAddress: '10.20.0.99',
      MacAddress: '02:42:0a:14:00:63',
    })
    expect(await pings(one, 'asker', '10.20.0.99')).toBe(true)
    const again = await one.tryDocker('run', '--net', 'fixed', '--ip', '10.20.0.99', 'busybox', 'true')
    expect(again.exitCode).not.toBe(0)
    expect(again.stderr).toContain('10.20.0.99')
    expect(again.stderr).toContain('in use')
    await remove('fixed')
  })

  it('a running container joins a second network, reaches both, and leaves it again', async () => {
    await create(one, '--subnet', '10.21.0.0/24', 'first')
    await create(two, '--subnet', '10.22.0.0/24', 'second')
    await startContainer(one, 'both', '--net', 'first')
    await startContainer(two, 'inFirst', '--net', 'first')
    await startContainer(two, 'inSecond', '--net', 'second')
    await one.docker('network', 'connect', 'second', 'both')
    const inFirst = (await endpointOf(two, 'inFirst', 'first')).IPAddress
    const inSecond = (await endpointOf(two, 'inSecond', 'second')).IPAddress
    expect(await pings(one, 'both', inFirst)).toBe(true)
    expect(await pings(one, 'both', inSecond)).toBe(true)
    await one.docker('network', 'disconnect', 'second', 'both')
    expect(await pings(one, 'both', inFirst)).toBe(true)
    expect(await pings(one, 'both', inSecond)).toBe(false)
    await remove('first', 'second')
  })

  it('two tenants have the same 10.0.0.0/24 and the same addresses at once, apart from each other', async () => {
    for (const tenant of ['red', 'blue']) {
      await create(one, '--subnet', '10.0.0.0/24', tenant)
      await startContainer(one, `${tenant}1`, '--net', tenant, '--ip', '10.0.0.11')
      await startContainer(two, `${tenant}2`, '--net', tenant, '--ip', '10.0.0.12')
    }
    for (const tenant of ['red', 'blue']) {
      expect(await pings(one, `${tenant}1`, '10.0.0.12')).toBe(true)
      const { MacAddress } = await endpointOf(two, `${tenant}2`, tenant)
      expect(await one.docker('exec', `${tenant}1`, 'cat', '/proc/net/arp')).toContain(MacAddress)
    }
    await remove('red', 'blue')
  })

  it('a dual-stack network carries ping over both families, to fixed and to free addresses', async () => {
    await create(one, '--ipv6', '--subnet', '10.23.0.0/24', '--subnet', 'fd00:23::/64', 'dual')
    await startContainer(one, 'dual1', '--net', 'dual')
    await startContainer(two, 'dual2', '--net', 'dual', '--ip6', 'fd00:23::2:2')
    const target = await endpointOf(two, 'dual2', 'dual')
    expect(target.GlobalIPv6Address).toBe('fd00:23::2:2')
    expect(await pings(one, 'dual1', target.IPAddress)).toBe(true)
    expect(await pings(one, 'dual1', target.GlobalIPv6Address)).toBe(true)
    const back = await endpointOf(one, 'dual1', 'dual')
    expect(await pings(two, 'dual2', back.GlobalIPv6Address)).toBe(true)
    await remove('dual')
  })

  it('a network without --subnet gets one, and an --aux-address is nobody’s', async () => {
    await create(one, 'automatic')
    await create(one, '--subnet', '10.24.0.0/29', '--aux-address', 'router=10.24.0.2', 'small')
    await startContainer(two, 'auto', '--net', 'automatic')
    expect((await endpointOf(two, 'auto', 'automatic')).IPAddress).toMatch(/^10\.19\d\./)
    const taken = []
    for (const name of ['s1', 's2', 's3', 's4']) {
      await startContainer(two, name, '--net', 'small')
      taken.push((await endpointOf(two, name, 'small')).IPAddress)
    }
    expect(taken.sort()).toEqual(['10.24.0.3', '10.24.0.4', '10.24.0.5', '10.24.0.6'])
    const full = await two.tryDocker('run', '--net', 'small', 'busybox', 'true')
    expect(full.exitCode).not.toBe(0)
    expect(full.stderr).toContain('10.24.0.0/29')
    await two.docker('rm', '--force', 's2')
    await startContainer(one, 's5', '--net', 'small')
    await remove('automatic', 'small')
  })

  it('the operator’s own network, subnet and port are used, and left exactly as they were', async () => {
    const { network } = (await one.neutron('POST', '/v2.0/networks', { network: { name: 'operators' } })) as {
      network: { id: string }
    }
    const { subnet } = (await one.neutron('POST', '/v2.0/subnets', {
      subnet: {
        network_id: network.id,
        ip_version: 4,
        cidr: '10.25.0.0/24',
        gateway_ip: '10.25.0.254',
        name: 'theirs',
      },
    })) as { subnet: { id: string } }
    const { port } = (await one.neutron('POST', '/v2.0/ports', {
      port: {
        network_id: network.id,
        name: 'reserved',
        fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.25.0.50' }],
      },
    })) as { port: { mac_address: string } }
    const before = await neutronContent(one)

    await create(two, '--subnet', '10.25.0.0/24', '-o', 'neutron.net.name=operators', 'guest')
    await startContainer(two, 'given', '--net', 'guest', '--ip', '10.25.0.50')
    await startContainer(one, 'free', '--net', 'guest')
    expect(await endpointOf(two, 'given', 'guest')).toMatchObject({
      MacAddress: port.mac_address,
      Gateway: '10.25.0.254',
    })
    expect(await pings(one, 'free', '10.25.0.50')).toBe(true)
    for (const host of [one, two]) await host.docker('rm', '--force', host === one ? 'free' : 'given')
    await one.docker('network', 'rm', 'guest')
    expect(await neutronContent(one)).toEqual(before)
  })
})
