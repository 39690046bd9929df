import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { CloudApi } from '../../lab/openstack/cloud-api.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { OpenStackHost } from './openstack-host.ts'

/** What docs/openstack.md tells to grant, here to every member of a project. */
const GRANTED = [
  'create_port:binding:host_id',
  'update_port:binding:host_id',
  'get_port:binding:host_id',
  'get_port:binding:vif_type',
  'get_port:binding:vif_details',
  'update_port:mac_address',
]

describe('a user who is no admin', () => {
  let cloud: TestOpenStack
  let host: OpenStackHost
  let directory: string
  beforeAll(async () => {
    await removeNamespaces()
    directory = await mkdtemp(join(tmpdir(), 'kuryr-policy-'))
    const file = join(directory, 'policy.yaml')
    await writeFile(file, GRANTED.map(policy => `"${policy}": "role:admin or role:member"\n`).join(''))
    cloud = await testOpenStack({
      hosts: ['a'],
      servicePlugins: ['router', 'port_forwarding'],
      moreNeutronConf: `[oslo_policy]\npolicy_file = ${file}\n`,
    })
    const plain = { username: 'plain', password: 'plain', project_name: 'plain' }
    host = await OpenStackHost.open('a', cloudOf(cloud.openstack, plain))
  }, 240_000)
  afterAll(async () => {
    await host.close()
    await removeNamespaces()
    await cloud.remove()
    await rm(directory, { recursive: true })
  })

  it('can do with these policies all that a container needs', async () => {
    const network = await host.docker.createNetwork({ subnet: '10.1.0.0/24', gateway: '10.1.0.1' })
    const endpoint = await host.docker.run(network, { mac: '02:42:0a:01:00:05' })
    expect(await host.plugged()).not.toEqual([])
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(network)
    expect(host.docker.ignored).toEqual([])
    expect(await host.neutron.networks.list()).toEqual([])
    expect(await host.neutron.subnetpools.list()).toEqual([])
  })

  it('may use a network of its project, and leaves it as it was', async () => {
    const { id } = await host.neutron.networks.create({ name: 'mine' })
    await host.neutron.subnets.create({ network_id: id, ip_version: 4, cidr: '10.2.0.0/24' })
    const network = await host.docker.createNetwork({ subnet: '10.2.0.0/24', opt: { 'neutron.net.uuid': id } })
    await host.docker.stop(await host.docker.run(network))
    await host.docker.removeNetwork(network)
    expect(host.docker.ignored).toEqual([])
    expect((await host.neutron.networks.show(id)).tags).toEqual([])
    await host.neutron.networks.delete(id)
  })

  it('may use the security groups of its project by name and id, and no others', async () => {
    const { docker, neutron } = host
    const mine = await neutron.access.securityGroups.create({ name: 'mine' })
    const operator = new CloudApi({ directory: cloud.directory }, cloud.openstack)
    const others = { security_group: { name: 'others' } }
    const { security_group: foreign } = (await operator.call('POST', '/v2.0/security-groups', others)) as {
      security_group: { id: string }
    }
    const flags = { subnet: '10.3.0.0/24', gateway: '10.3.0.1' }
    for (const unseen of ['others', foreign.id]) {
      const refused = docker.createNetwork({ ...flags, opt: { 'kuryr.security_groups': unseen } })
      await expect(refused).rejects.toThrow('option kuryr.security_groups: no security group with')
    }
    const network = await docker.createNetwork({ ...flags, opt: { 'kuryr.security_groups': 'mine,default' } })
    const endpoint = await docker.run(network)
    const [port] = await neutron.ports.list({ device_id: endpoint.id })
    expect(port?.security_groups).toHaveLength(2)
    await docker.stop(endpoint)
    const named = await docker.run(network, { driverOpt: { 'kuryr.port.security_groups': mine.id } })
    expect(await neutron.ports.list({ device_id: named.id })).toMatchObject([{ security_groups: [mine.id] }])
    await docker.stop(named)
    const driverOpt = { 'kuryr.port.security_groups': foreign.id }
    await expect(docker.run(network, { driverOpt })).rejects.toThrow('option kuryr.port.security_groups')
    expect(await neutron.ports.list({ device_owner: 'compute:kuryr' })).toEqual([])
    await docker.removeNetwork(network)
    expect(docker.ignored).toEqual([])
  })

  it('may publish ports behind a router of its project', async () => {
    const { docker, neutron } = host
    const operator = new CloudApi({ directory: cloud.directory }, cloud.openstack)
    const make = async (kind: string, body: object): Promise<string> =>
      ((await operator.call('POST', `/v2.0/${kind}s`, { [kind]: body })) as Record<string, { id: string }>)[kind]?.id ??
      ''
    const provider = { 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' }
    const outside = await make('network', { name: 'outside', 'router:external': true, ...provider })
    await make('subnet', { network_id: outside, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false })
    const inside = await neutron.networks.create({ name: 'inside' })
    const subnet = await neutron.subnets.create({ network_id: inside.id, ip_version: 4, cidr: '10.5.0.0/24' })
    const owner = { tenant_id: inside.project_id }
    const router = await make('router', { ...owner, external_gateway_info: { network_id: outside } })
    await operator.call('PUT', `/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet.id })

    const opt = { 'neutron.net.uuid': inside.id, 'kuryr.publish': 'floating-ip' }
    const network = await docker.createNetwork({ subnet: '10.5.0.0/24', gateway: '10.5.0.1', opt })
    const endpoint = await docker.run(network, { publish: [{ Proto: 6, Port: 80, HostPort: 8080 }] })
    expect(await neutron.access.floatingIps.list()).toMatchObject([
      { port_forwardings: [{ external_port: 8080, internal_port: 80 }] },
    ])
    await docker.stop(endpoint)
    await docker.removeNetwork(network)
    expect(docker.ignored).toEqual([])
    expect(await neutron.access.floatingIps.list()).toEqual([])
  })

  it.each(['slow', '11111111-2222-4333-8444-555555555555'])(
    'hears where Neutron has no QoS (policy %s)',
    async policy => {
      const { docker, neutron } = host
      const network = await docker.createNetwork({ subnet: '10.4.0.0/24', gateway: '10.4.0.1' })
      const refused = docker.run(network, { driverOpt: { 'kuryr.port.qos_policy': policy } })
      await expect(refused).rejects.toThrow("needs Neutron's extension qos, which this Neutron does not have")
      expect(await neutron.ports.list({ device_owner: 'compute:kuryr' })).toEqual([])
      await docker.removeNetwork(network)
    },
  )
})
