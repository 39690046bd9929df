import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Network, Port } from '../../../src/neutron/resources.ts'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../../src/openstack-neutron/open-openstack-neutron.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { CloudApi } from '../../lab/openstack/cloud-api.ts'

describe('security groups, QoS policies and floating IPs of a real Neutron', () => {
  let place: TestOpenStack
  let neutron: OpenStackNeutron
  let operator: CloudApi
  let network: Network
  let port: Port

  beforeAll(async () => {
    place = await testOpenStack({
      servicePlugins: ['router', 'port_forwarding', 'qos'],
      extensionDrivers: ['port_security', 'qos'],
    })
    neutron = openOpenStackNeutron(cloudOf(place.openstack), pino({ level: 'silent' }))
    operator = new CloudApi({ directory: place.directory }, place.openstack)
    network = await neutron.networks.create({ name: 'blue' })
    await neutron.subnets.create({ network_id: network.id, ip_version: 4, cidr: '10.9.0.0/24' })
    port = await neutron.ports.create({ network_id: network.id })
  })
  afterAll(async () => {
    await neutron.close()
    await place.remove()
  })

  const make = async <Resource>(path: string, kind: string, body: object): Promise<Resource> =>
    ((await operator.call('POST', `/v2.0/${path}`, { [kind]: body })) as Record<string, Resource>)[kind] as Resource

  it('a security group is made with its rules, given to a port, and not deleted while a port has it', async () => {
    const { securityGroups } = neutron.access
    const group = await securityGroups.create({ name: 'web', description: 'of a test', tags: ['one', 'two'] })
    const rule = { security_group_id: group.id, direction: 'ingress', protocol: 'tcp' } as const
    const ports = { port_range_min: 80, port_range_max: 81 }
    const rules = [{ ...rule, ...ports, ethertype: 'IPv4' } as const, { ...rule, ...ports, ethertype: 'IPv6' } as const]
    await neutron.access.createSecurityGroupRules(rules)
    await expect(neutron.access.createSecurityGroupRules(rules)).rejects.toMatchObject({
      type: 'SecurityGroupRuleExists',
    })
    const project_id = await neutron.access.ownProject()
    const [found] = await securityGroups.list({ name: 'web', project_id })
    expect(found?.tags.toSorted()).toEqual(['one', 'two'])
    const ingress = found?.security_group_rules.filter(({ direction }) => direction === 'ingress')
    expect(ingress?.map(({ ethertype }) => ethertype).sort()).toEqual(['IPv4', 'IPv6'])
    expect(ingress?.[0]).toMatchObject({ ...rule, ...ports })

    const changed = await neutron.ports.update(port.id, { security_groups: [...port.security_groups, group.id] })
    expect(changed.security_groups).toContain(group.id)
    await expect(securityGroups.delete(group.id)).rejects.toMatchObject({ type: 'SecurityGroupInUse' })
    await neutron.ports.update(port.id, { security_groups: port.security_groups })
    await securityGroups.delete(group.id)
    const missing = { type: 'SecurityGroupNotFound' }
    await expect(securityGroups.delete(group.id)).rejects.toMatchObject(missing)
    await expect(neutron.ports.update(port.id, { security_groups: [group.id] })).rejects.toMatchObject(missing)
    const [one] = rules
    await expect(neutron.access.createSecurityGroupRules(one ? [one] : [])).rejects.toMatchObject(missing)
  })

  it('a QoS policy is found by its name', async () => {
    const { id } = await make<{ id: string }>('qos/policies', 'policy', { name: 'slow', shared: true })
    expect(await neutron.access.qosPolicies.list({ name: 'slow' })).toMatchObject([{ id }])
    await expect(neutron.access.qosPolicies.show(network.id)).rejects.toMatchObject({ type: 'QosPolicyNotFound' })
  })

  it('ports of a floating IP are forwarded to a port behind a router', async () => {
    const outside = await make<Network>('networks', 'network', {
      name: 'outside',
      'router:external': true,
      ...{ 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' },
    })
    const subnet = { network_id: outside.id, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false }
    await make('subnets', 'subnet', subnet)
    const router = await make<{ id: string }>('routers', 'router', {
      external_gateway_info: { network_id: outside.id },
    })
    const [inner] = await neutron.subnets.list({ network_id: network.id })
    await operator.call('PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: inner?.id })

    expect(await neutron.access.routers.show(router.id)).toMatchObject({
      external_gateway_info: { network_id: outside.id },
    })
    const floating = await neutron.access.floatingIps.create({ floating_network_id: outside.id, tags: ['of a test'] })
    expect(await neutron.access.floatingIps.list({ tags: ['of a test'] })).toMatchObject([{ id: floating.id }])
    const forwardings = neutron.access.portForwardings(floating.id)
    const internal = { internal_port_id: port.id, internal_ip_address: port.fixed_ips[0]?.ip_address ?? '' }
    const made = await forwardings.create({ ...internal, protocol: 'tcp', external_port: 8080, internal_port: 80 })
    expect(await forwardings.list()).toEqual([made])
    const again = forwardings.create({ ...internal, protocol: 'tcp', external_port: 8080, internal_port: 81 })
    await expect(again).rejects.toMatchObject({ status: 400 })
    await forwardings.delete(made.id)
    await expect(forwardings.delete(made.id)).rejects.toMatchObject({ type: 'PortForwardingNotFound' })
    await neutron.access.floatingIps.delete(floating.id)
    await expect(neutron.access.floatingIps.show(floating.id)).rejects.toMatchObject({ type: 'FloatingIPNotFound' })
  })
})
