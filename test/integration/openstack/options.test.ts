import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SecurityGroup } from '../../../src/neutron/access.ts'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { CloudApi } from '../../lab/openstack/cloud-api.ts'
import { Docker, type EndpointRecord, type NetworkRecord, plainAddress } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { refusal } from '../drivers/refusals.ts'
import { OpenStackHost } from './openstack-host.ts'

const unknown = '11111111-2222-4333-8444-555555555555'

describe('options of networks and endpoints, on a real Neutron', () => {
  let cloud: TestOpenStack
  let hosts: [OpenStackHost, OpenStackHost]
  let operator: CloudApi
  /** By name; `twin` is in two projects that are not ours, `default` in each. */
  const groups = new Map<string, SecurityGroup>()

  beforeAll(async () => {
    await removeNamespaces()
    cloud = await testOpenStack({
      hosts: ['a', 'b'],
      servicePlugins: ['router', 'port_forwarding', 'qos'],
      extensionDrivers: ['port_security', 'tag_ports_during_bulk_creation', 'qos'],
    })
    hosts = [
      await OpenStackHost.open('a', cloudOf(cloud.openstack)),
      await OpenStackHost.open('b', cloudOf(cloud.openstack)),
    ]
    operator = new CloudApi({ directory: cloud.directory }, cloud.openstack)
    const [{ neutron }] = hosts
    // The daemon's first call, which logs in; the token is warm from here on.
    await neutron.extensions()
    for (const name of ['web', 'db', 'doomed']) groups.set(name, await neutron.access.securityGroups.create({ name }))
    const project_id = await neutron.access.ownProject()
    const [own] = await neutron.access.securityGroups.list({ name: 'default', project_id })
    if (own) groups.set('default', own)
    await make('security-groups', 'security_group', { name: 'twin' })
    await make('security-groups', 'security_group', { name: 'twin', project_id: await projectOfPlain() })
  }, 240_000)
  afterAll(async () => {
    for (const host of hosts) await host.close()
    await removeNamespaces()
    await cloud.remove()
  })

  const make = async <Resource>(path: string, kind: string, body: object): Promise<Resource> =>
    ((await operator.call('POST', `/v2.0/${path}`, { [kind]: body })) as Record<string, Resource>)[kind] as Resource

  const projectOfPlain = async (): Promise<string> => {
    const plain = await OpenStackHost.open(
      'plain',
      cloudOf(cloud.openstack, { username: 'plain', password: 'plain', project_name: 'plain' }),
    )
    const id = await plain.neutron.access.ownProject()
    await plain.close()
    return id ?? ''
  }

  const idOf = (name: string): string => groups.get(name)?.id ?? ''

  const portOf = async (endpoint: EndpointRecord): Promise<Port> => {
    const [port] = await hosts[0].neutron.ports.list({ device_id: endpoint.id })
    if (!port) throw new Error(`expected a port of endpoint ${endpoint.id}`)
    return port
  }

  const groupsOf = async (endpoint: EndpointRecord): Promise<string[]> =>
    (await portOf(endpoint)).security_groups.toSorted()

  const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = (await cloud.openstack.neutron.requests()).length
    await work()
    return (await cloud.openstack.neutron.requests()).length - before
  }

  /** All that kuryr could leave. */
  const content = async (): Promise<unknown> => {
    const { networks, subnets, subnetpools, ports } = hosts[0].neutron
    return Promise.all([networks.list(), subnets.list(), subnetpools.list(), ports.list()])
  }

  let subnets = 0
  const freeSubnet = (): { subnet: string; gateway: string } => {
    subnets += 1
    return { subnet: `10.${subnets}.0.0/24`, gateway: `10.${subnets}.0.1` }
  }

  const endAll = async (network: NetworkRecord, ...endpoints: EndpointRecord[]): Promise<void> => {
    for (const endpoint of endpoints) await hosts[0].docker.stop(endpoint)
    await hosts[0].docker.removeNetwork(network)
    expect(hosts[0].docker.ignored).toEqual([])
  }

  describe('kuryr.security_groups', () => {
    it.each([
      ['by name', () => 'web', ['web'], 1],
      ['by id', () => idOf('web').toUpperCase(), ['web'], 1],
      ['by id and name', () => `web, ${idOf('db')},web`, ['web', 'db'], 2],
      ['of a name that every project has, our own', () => 'default', ['default'], 1],
    ])('%s: the network’s ports have it, on every host and after a restart', async (_, option, expected, looks) => {
      const [a, b] = hosts
      const opt = { 'kuryr.security_groups': option() }
      let network!: NetworkRecord
      const create = await requestsOf(async () => (network = await a.docker.createNetwork({ ...freeSubnet(), opt })))
      expect(create).toBe(6 + looks)
      const ids = expected.map(idOf).sort()
      let one!: EndpointRecord
      expect(await requestsOf(async () => (one = await a.docker.run(network)))).toBe(2)
      expect(await groupsOf(one)).toEqual(ids)
      const two = await b.docker.run(network)
      expect(await groupsOf(two)).toEqual(ids)
      await a.restart()
      const three = await a.docker.run(network)
      expect(await groupsOf(three)).toEqual(ids)
      await b.docker.stop(two)
      await endAll(network, one, three)
    })

    it('by --ipam-opt on a dual-stack network, though the daemon ended before the network was made', async () => {
      const [a] = hosts
      const docker = new Docker(async (method, message) => {
        if (method === 'NetworkDriver.CreateNetwork') await a.restart()
        return a.call(method, message)
      })
      const { subnet, gateway } = freeSubnet()
      const ipamOpt = { 'kuryr.security_groups': 'web' }
      const network = await docker.createNetwork({ subnet: [subnet, 'fd00:7::/64'], gateway, ipv6: true, ipamOpt })
      const pools = await a.neutron.subnetpools.list({ tags: [`kuryr.sg:${idOf('web')}`] })
      expect(pools.map(({ id }) => id).sort()).toEqual(network.pools.map(({ poolId }) => poolId).sort())
      const endpoint = await a.docker.run(network)
      expect(await groupsOf(endpoint)).toEqual([idOf('web')])
      await endAll(network, endpoint)
    })

    it.each([
      [{ 'kuryr.security_groups': 'nobody' }, 'no security group with name "nobody"'],
      [{ 'kuryr.security_groups': unknown }, `no security group with uuid ${unknown}`],
      [{ 'kuryr.security_groups': 'web,twin' }, 'name "twin" is not of one security group, but of 2'],
      [{ 'kuryr.publish': 'nat' }, 'expected floating-ip'],
    ])('%j is refused, and leaves nothing', async (opt, message) => {
      const [{ docker }] = hosts
      const before = await content()
      for (const side of ['opt', 'ipamOpt']) {
        const { body } = await refusal(docker.createNetwork({ ...freeSubnet(), [side]: opt }))
        expect(body.Err).toContain(message)
      }
      expect(await content()).toEqual(before)
    })

    it('-o and --ipam-opt that contradict each other are refused, and leave nothing', async () => {
      const [{ docker }] = hosts
      const before = await content()
      const both = { opt: { 'kuryr.security_groups': 'web' }, ipamOpt: { 'kuryr.security_groups': 'db' } }
      const { body } = await refusal(docker.createNetwork({ ...freeSubnet(), ...both }))
      expect(body.Err).toContain(`--ipam-opt says kuryr.sg:${idOf('db')}, but -o says kuryr.sg:${idOf('web')}`)
      expect(await content()).toEqual(before)
    })

    it('a group that is deleted later: starts are refused with the option’s name, and leave nothing', async () => {
      const [{ docker, neutron }] = hosts
      const network = await docker.createNetwork({ ...freeSubnet(), opt: { 'kuryr.security_groups': 'doomed' } })
      const before = await content()
      await neutron.access.securityGroups.delete(idOf('doomed'))
      const { body } = await refusal(docker.run(network))
      expect(body.Err).toContain('option kuryr.security_groups of this Docker network names')
      expect(body.Err).toContain(idOf('doomed'))
      expect(await content()).toEqual(before)
      await endAll(network)
    })

    it('on a network without port security: starts are refused with the option’s name, and leave nothing', async () => {
      const [{ docker, neutron }] = hosts
      const { id } = await neutron.networks.create({ name: 'open', port_security_enabled: false })
      const opt = { 'neutron.net.uuid': id, 'kuryr.security_groups': 'web' }
      const network = await docker.createNetwork({ ...freeSubnet(), opt })
      const before = await content()
      const { body } = await refusal(docker.run(network))
      expect(body.Err).toContain('option kuryr.security_groups of this Docker network: ')
      const settings = { driverOpt: { 'kuryr.port.security_groups': 'db' } }
      expect((await refusal(docker.run(network, settings))).body.Err).toContain('option kuryr.security_groups')
      expect(await content()).toEqual(before)
      await endAll(network)
      await neutron.networks.delete(id)
    })

    it('a port that the operator made keeps its own groups', async () => {
      const [{ docker, neutron }] = hosts
      const flags = freeSubnet()
      const network = await docker.createNetwork({ ...flags, opt: { 'kuryr.security_groups': 'web' } })
      const [{ id: network_id } = { id: '' }] = await neutron.networks.list({ tags: ['kuryr.net.created'] })
      const ip_address = flags.gateway.replace(/1$/, '77')
      const made = await neutron.ports.create({
        network_id,
        fixed_ips: [{ ip_address }],
        security_groups: [idOf('db')],
      })
      const endpoint = await docker.run(network, { ip: ip_address })
      expect((await neutron.ports.show(made.id)).security_groups).toEqual([idOf('db')])
      await docker.stop(endpoint)
      expect((await neutron.ports.show(made.id)).security_groups).toEqual([idOf('db')])
      await neutron.ports.delete(made.id)
      await endAll(network)
    })
  })

  describe('of an endpoint', () => {
    let network: NetworkRecord
    let neutronNetwork: Network
    let address: (last: number) => string
    let policy: { id: string }

    beforeAll(async () => {
      const [{ docker, neutron }] = hosts
      const flags = freeSubnet()
      address = last => flags.gateway.replace(/1$/, String(last))
      network = await docker.createNetwork({ ...flags, opt: { 'kuryr.security_groups': 'web' } })
      ;[neutronNetwork] = (await neutron.networks.list({ tags: ['kuryr.net.created'] })) as [Network]
      policy = await make('qos/policies', 'policy', { name: 'slow', shared: true })
    })
    afterAll(() => endAll(network))

    const start = (driverOpt: Record<string, string>, ip?: string): Promise<EndpointRecord> =>
      hosts[0].docker.run(network, { driverOpt, ...(ip !== undefined && { ip }) })

    it('all settings come by the request that binds the port; names are remembered', async () => {
      const [{ docker }] = hosts
      const options = {
        'kuryr.port.name': 'web-1',
        'kuryr.port.security_groups': 'db,default',
        'kuryr.port.qos_policy': 'slow',
        'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.forwarding=1',
      }
      let endpoint!: EndpointRecord
      for (const requests of [4, 2]) {
        expect(await requestsOf(async () => (endpoint = await start(options)))).toBe(requests)
        const { name, security_groups, qos_policy_id, device_id } = await portOf(endpoint)
        const expected = { name: 'web-1', qos_policy_id: policy.id, device_id: endpoint.id }
        expect({ name, qos_policy_id, device_id }).toEqual(expected)
        expect(security_groups.toSorted()).toEqual([idOf('db'), idOf('default')].sort())
        expect(await requestsOf(() => docker.stop(endpoint))).toBe(1)
      }
      expect(await hosts[0].neutron.ports.list({ name: 'web-1' })).toEqual([])
    })

    it('ids cost no request', async () => {
      const options = { 'kuryr.port.security_groups': idOf('db'), 'kuryr.port.qos_policy': policy.id }
      let endpoint!: EndpointRecord
      expect(await requestsOf(async () => (endpoint = await start(options)))).toBe(2)
      expect(await portOf(endpoint)).toMatchObject({ security_groups: [idOf('db')], qos_policy_id: policy.id })
      await hosts[0].docker.stop(endpoint)
    })

    it('a name that stands for another now is looked up again', async () => {
      const [{ docker, neutron }] = hosts
      const old = await neutron.access.securityGroups.create({ name: 'moving' })
      const options = { 'kuryr.port.security_groups': 'moving' }
      await docker.stop(await start(options))
      await neutron.access.securityGroups.delete(old.id)
      const fresh = await neutron.access.securityGroups.create({ name: 'moving' })
      const endpoint = await start(options)
      expect(await groupsOf(endpoint)).toEqual([fresh.id])
      await docker.stop(endpoint)
      await neutron.access.securityGroups.delete(fresh.id)
    })

    it('the port’s name is of no matter to a daemon that has forgotten all', async () => {
      const [a] = hosts
      const endpoint = await start({ 'kuryr.port.name': 'web-2' })
      await a.restart()
      await a.docker.stop(endpoint)
      expect(a.docker.ignored).toEqual([])
      expect(await a.neutron.ports.list({ name: 'web-2' })).toEqual([])
    })

    it.each([
      [
        { 'kuryr.port.names': 'x' },
        'unknown option "kuryr.port.names": expected one of kuryr.port.id, kuryr.port.name',
      ],
      [{ 'kuryr.security_groups': 'web' }, 'unknown option "kuryr.security_groups"'],
      [{ 'kuryr.port.id': 'blue' }, 'option kuryr.port.id="blue": expected the id (UUID) of a port'],
      [{ 'kuryr.port.name': '' }, 'option kuryr.port.name="": expected a name'],
      [{ 'kuryr.port.security_groups': 'twin' }, 'option kuryr.port.security_groups: name "twin" is not of one'],
      [{ 'kuryr.port.security_groups': unknown }, `option kuryr.port.security_groups: Security group ${unknown}`],
      [{ 'kuryr.port.qos_policy': 'fast' }, 'no QoS policy with name "fast"'],
      [{ 'kuryr.port.qos_policy': unknown }, `option kuryr.port.qos_policy: QoS policy ${unknown}`],
      [{ 'kuryr.port.id': unknown }, `option kuryr.port.id=${unknown}: there is no such port`],
    ])('%j is refused, and leaves nothing', async (options: Record<string, string>, message) => {
      const before = await content()
      const { body } = await refusal(start(options))
      expect(body.Err).toContain(message)
      expect(await content()).toEqual(before)
      expect(await hosts[0].plugged()).toEqual([])
    })

    describe('kuryr.port.id', () => {
      let port: Port
      beforeAll(async () => {
        const wish = { name: 'reserved', mac_address: 'fa:16:3e:77:77:77', security_groups: [idOf('db')] }
        const fixed_ips = [{ ip_address: address(9) }]
        port = await hosts[0].neutron.ports.create({ network_id: neutronNetwork.id, ...wish, fixed_ips })
      })
      afterAll(() => hosts[0].neutron.ports.delete(port.id))

      it('with the port’s --ip takes it, and gives it back as it was', async () => {
        const endpoint = await start({ 'kuryr.port.id': port.id.toUpperCase() }, address(9))
        expect(plainAddress(endpoint)).toBe(address(9))
        const { mac_address, name, security_groups } = port
        expect(await portOf(endpoint)).toMatchObject({ id: port.id, mac_address, name, security_groups })
        await hosts[0].docker.stop(endpoint)
        const asItWas = { mac_address, name, security_groups, tags: [], device_id: '', device_owner: '' }
        expect(await hosts[0].neutron.ports.show(port.id)).toMatchObject(asItWas)
      })

      it.each([undefined, 8])('without it, or with another (%s), says which to give', async last => {
        const before = await content()
        const ip = last === undefined ? undefined : address(last)
        const { body } = await refusal(start({ 'kuryr.port.id': port.id }, ip))
        expect(body.Err).toContain(`give the port's address too, --ip ${address(9)}`)
        expect(await content()).toEqual(before)
        expect(await hosts[0].plugged()).toEqual([])
      })

      it('of another port of the operator’s: that one is given back', async () => {
        const fixed_ips = [{ ip_address: address(10) }]
        const other = await hosts[0].neutron.ports.create({ network_id: neutronNetwork.id, fixed_ips })
        const { body } = await refusal(start({ 'kuryr.port.id': port.id }, address(10)))
        expect(body.Err).toContain(`--ip ${address(9)}`)
        const free = { tags: [], device_id: '', device_owner: '' }
        expect(await hosts[0].neutron.ports.show(other.id)).toMatchObject(free)
        await hosts[0].neutron.ports.delete(other.id)
      })

      it('of a port that is another’s already is refused', async () => {
        const running = await start({})
        const { id } = await portOf(running)
        const { body } = await refusal(start({ 'kuryr.port.id': id }))
        expect(body.Err).toContain(`that port is in use by compute:kuryr ${running.id}`)
        await hosts[0].docker.stop(running)
      })

      it('of a port in another network is refused', async () => {
        const { neutron } = hosts[0]
        const { id: network_id } = await neutron.networks.create({ name: 'elsewhere' })
        const elsewhere = await neutron.ports.create({ network_id })
        const { body } = await refusal(start({ 'kuryr.port.id': elsewhere.id }))
        expect(body.Err).toContain(`that port is in network ${network_id}, but this Docker network is Neutron network`)
        await neutron.ports.delete(elsewhere.id)
        await neutron.networks.delete(network_id)
        const without = await neutron.ports.create({ network_id: neutronNetwork.id, fixed_ips: [] })
        const refused = await refusal(start({ 'kuryr.port.id': without.id }))
        expect(refused.body.Err).toContain('that port has no address in')
        await neutron.ports.delete(without.id)
      })

      it.each([
        ['kuryr.port.name', 'mine', 'name'],
        ['kuryr.port.security_groups', 'web', 'security_groups'],
        ['kuryr.port.qos_policy', 'slow', 'qos_policy_id'],
      ])('%s cannot be set on it', async (option, value, attribute) => {
        const { body } = await refusal(start({ [option]: value }, address(9)))
        expect(body.Err).toContain(`option ${option} cannot be used with port ${port.id}`)
        expect(body.Err).toContain(`set ${attribute} of that port in Neutron`)
        const { name, security_groups } = port
        const asItWas = { name, security_groups, tags: [], device_id: '', device_owner: '' }
        expect(await hosts[0].neutron.ports.show(port.id)).toMatchObject(asItWas)
      })
    })
  })
})
