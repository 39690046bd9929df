import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
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
    cloud = await testOpenStack({ hosts: ['a'], moreNeutronConf: `[oslo_policy]\npolicy_file = ${file}\n` })
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
})
