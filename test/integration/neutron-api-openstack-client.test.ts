import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveNeutron, type ServedNeutron } from './neutron-api-fixture.ts'
import { openStackClient, type OpenStackClient } from './neutron-api-openstack-client.ts'

let served: ServedNeutron
let client: OpenStackClient

beforeAll(async () => {
  served = await serveNeutron()
  client = await openStackClient(served.url)
}, 600_000)
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await served[Symbol.asyncDispose]()
})

describe("Debian's openstack command", { timeout: 120_000 }, () => {
  it('creates, tags, lists and shows a network', async () => {
    const created = await client.json('network', 'create', 'gold', '--tag', 'first', '--mtu', '1400')
    expect(created).toMatchObject({ name: 'gold', tags: ['first'], mtu: 1400, status: 'ACTIVE', shared: false })
    expect((await client.command('network', 'set', '--tag', 'second', 'gold')).status).toBe(0)
    const [listed, shown] = await Promise.all([
      client.json('network', 'list', '--tags', 'first,second'),
      client.json('network', 'show', 'gold'),
    ])
    expect(listed).toMatchObject([{ Name: 'gold', Subnets: [] }])
    expect((shown as { tags: string[] }).tags.sort()).toEqual(['first', 'second'])
  })

  it('creates subnets of a CIDR and out of a pool, and lists them', async () => {
    const [plain, pool] = await Promise.all([
      client.json('subnet', 'create', '--network', 'gold', '--subnet-range', '10.61.0.0/24', 'plain'),
      client.json('subnet', 'pool', 'create', '--pool-prefix', '10.60.0.0/16', '--default-prefix-length', '26', 'lake'),
    ])
    expect(plain).toMatchObject({ cidr: '10.61.0.0/24', gateway_ip: '10.61.0.1', enable_dhcp: true, ip_version: 4 })
    expect(pool).toMatchObject({ prefixes: ['10.60.0.0/16'], default_prefixlen: 26 })
    // On a network of its own: the subnets of one network come from one pool, or all from none.
    await client.json('network', 'create', 'silver')
    const pooled = await client.json('subnet', 'create', '--network', 'silver', '--subnet-pool', 'lake', 'pooled')
    expect(pooled).toMatchObject({ cidr: '10.60.0.0/26', subnetpool_id: (pool as { id: string }).id })
    const listed = await client.json('subnet', 'list', '--ip-version', '4', '--sort-column', 'Name')
    expect(listed).toMatchObject([
      { Name: 'plain', Subnet: '10.61.0.0/24' },
      { Name: 'pooled', Subnet: '10.60.0.0/26' },
    ])
  })

  it('creates a port with a fixed IP and a device, finds it by them, and is told of a conflict in words', async () => {
    const create = ['port', 'create', '--network', 'gold', '--fixed-ip', 'subnet=plain,ip-address=10.61.0.9']
    const created = await client.json(...create, '--device', 'box', '--device-owner', 'compute:kuryr', 'door')
    expect(created).toMatchObject({ device_id: 'box', device_owner: 'compute:kuryr', status: 'DOWN' })
    const [listed, shown, conflict] = await Promise.all([
      client.json('port', 'list', '--fixed-ip', 'subnet=plain,ip-address=10.61.0.9', '--device-id', 'box'),
      client.json('port', 'show', 'door'),
      client.command(...create, 'second-door'),
    ])
    expect(listed).toMatchObject([{ Name: 'door', Status: 'DOWN' }])
    expect(JSON.stringify(shown)).toContain('10.61.0.9')
    expect(conflict.status).not.toBe(0)
    expect(conflict.stderr).toContain('10.61.0.9')
    expect((await client.command('port', 'delete', 'door')).status).toBe(0)
  })

  it('lists the agents and the extensions', async () => {
    const [agents, extensions] = await Promise.all([
      client.json('network', 'agent', 'list'),
      client.json('extension', 'list', '--network'),
    ])
    expect(agents).toMatchObject((await served.neutron.agents.list()).map(({ id, host }) => ({ ID: id, Host: host })))
    expect((extensions as { Alias: string }[]).map(extension => extension.Alias)).toContain('subnet_allocation')
  })

  it('deletes subnets, pool and network, and says what does not exist', async () => {
    expect(await client.command('subnet', 'delete', 'plain', 'pooled')).toMatchObject({ status: 0 })
    const [pool, network, absent] = await Promise.all([
      client.command('subnet', 'pool', 'delete', 'lake'),
      client.command('network', 'delete', 'gold', 'silver'),
      client.command('network', 'show', 'bronze'),
    ])
    expect([pool, network]).toMatchObject([{ status: 0 }, { status: 0 }])
    expect(absent).toMatchObject({ status: 1, stderr: expect.stringContaining('bronze') as string })
    expect(await served.neutron.networks.list()).toEqual([])
  })
})

describe('python-neutronclient', { timeout: 60_000 }, () => {
  it('does what Python Kuryr does with it, walks pages, and gets its own exceptions', async () => {
    const { stdout, stderr, status } = await client.python(neutronClientProgram)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(JSON.parse(stdout)).toEqual({
      extension: 'subnet_allocation',
      tagged: ['py-0'],
      subnet: '10.62.0.0/24',
      port: '10.62.0.5',
      found: 1,
      pages: [['py-0', 'py-1'], ['py-2', 'py-3'], ['py-4']],
      absent: ['NetworkNotFoundClient', 404],
      inUse: ['NetworkInUseClient', 409],
      taken: ['IpAddressAlreadyAllocatedClient', 409],
    })
  })
})

const neutronClientProgram = `
import json, sys
from keystoneauth1 import noauth, session
from neutronclient.common import exceptions
from neutronclient.v2_0 import client
neutron = client.Client(session=session.Session(auth=noauth.NoAuth(endpoint=sys.argv[1])))
said = {}
def refused(call, *args):
    try:
        call(*args)
    except exceptions.NeutronClientException as error:
        return [type(error).__name__, error.status_code]
said['extension'] = neutron.show_extension('subnet_allocation')['extension']['alias']
networks = [neutron.create_network({'network': {'name': 'py-%d' % n, 'description': 'py'}})['network']['id'] for n in range(5)]
for tag in ['kuryr.net.uuid.lh:' + '0' * 32, 'kuryr.net.uuid.uh:' + '1' * 32]:
    neutron.add_tag('networks', networks[0], tag)
tags = 'kuryr.net.uuid.lh:' + '0' * 32 + ',kuryr.net.uuid.uh:' + '1' * 32
said['tagged'] = [found['name'] for found in neutron.list_networks(tags=tags)['networks']]
pool = neutron.create_subnetpool({'subnetpool': {'name': 'kuryrPool-10.62.0.0/24', 'default_prefixlen': 24, 'prefixes': ['10.62.0.0/24']}})['subnetpool']
subnet = neutron.create_subnet({'subnets': [{'name': 'kuryr-subnet', 'network_id': networks[0], 'ip_version': 4, 'cidr': '10.62.0.0/24', 'enable_dhcp': 'False', 'subnetpool_id': pool['id']}]})['subnets'][0]
said['subnet'] = subnet['cidr']
body = {'port': {'name': 'kuryr-unbound-port', 'admin_state_up': True, 'network_id': networks[0], 'fixed_ips': [{'subnet_id': subnet['id'], 'ip_address': '10.62.0.5'}]}}
port = neutron.create_port(body)['port']
said['port'] = port['fixed_ips'][0]['ip_address']
said['found'] = len(neutron.list_ports(fixed_ips=['subnet_id=%s' % subnet['id'], 'ip_address=10.62.0.5'])['ports'])
pages = neutron.list_networks(retrieve_all=False, description='py', limit=2, sort_key='name', sort_dir='asc')
said['pages'] = [[network['name'] for network in page['networks']] for page in pages]
said['absent'] = refused(neutron.show_network, '4a0b6f5e-0000-4000-8000-000000000000')
said['inUse'] = refused(neutron.delete_network, networks[0])
said['taken'] = refused(neutron.create_port, body)
neutron.remove_tag('networks', networks[0], 'kuryr.net.uuid.lh:' + '0' * 32)
neutron.replace_tag('networks', networks[0], {'tags': []})
neutron.delete_port(port['id'])
neutron.delete_subnet(subnet['id'])
neutron.delete_subnetpool(pool['id'])
for network in networks:
    neutron.delete_network(network)
print(json.dumps(said))
`
