import { pino } from 'pino'
import type { FloatingIp, PortForwarding } from '../../../src/neutron/access.ts'
import type { Network, Port, Subnet } from '../../../src/neutron/resources.ts'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../../src/openstack-neutron/open-openstack-neutron.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../../contract/openstack-cloud.ts'
import { CloudApi } from '../../lab/openstack/cloud-api.ts'
import type { NetworkRecord, PortMapping } from '../drivers/docker.ts'
import { removeNamespaces } from '../drivers/namespaces.ts'
import { FaultProxy } from './fault-proxy.ts'
import { OpenStackHost } from './openstack-host.ts'

/** `-p <outer>:<port>/tcp`; outer port 0: any. */
export function tcp(Port: number, HostPort: number, more: Partial<PortMapping> = {}): PortMapping {
  return { Proto: 6, Port, HostIP: '', HostPort, HostPortEnd: HostPort, ...more }
}

/** Two Docker hosts on an OpenStack whose operator has a router between the networks `inside` and `outside`. */
export class PublishingScene {
  readonly cloud: TestOpenStack
  /** Between the first host and Neutron. */
  readonly proxy: FaultProxy
  readonly hosts: readonly [OpenStackHost, OpenStackHost]
  readonly operator: OpenStackNeutron
  readonly api: CloudApi
  outside = ''
  inside = ''
  router = ''

  private constructor(parts: Pick<PublishingScene, 'cloud' | 'proxy' | 'hosts' | 'operator' | 'api'>) {
    this.cloud = parts.cloud
    this.proxy = parts.proxy
    this.hosts = parts.hosts
    this.operator = parts.operator
    this.api = parts.api
  }

  static async open(): Promise<PublishingScene> {
    await removeNamespaces()
    const cloud = await testOpenStack({
      hosts: ['a', 'b'],
      servicePlugins: ['router', 'port_forwarding'],
      extensionDrivers: ['port_security', 'tag_ports_during_bulk_creation'],
    })
    const proxy = await FaultProxy.to(cloud.openstack.neutron.url)
    const through = cloudOf(cloud.openstack, { endpoint_override: proxy.url, timeout: '10' })
    const scene = new PublishingScene({
      cloud,
      proxy,
      hosts: [
        await OpenStackHost.open('a', through, { settledAfter: 5000 }),
        await OpenStackHost.open('b', cloudOf(cloud.openstack), { settledAfter: 5000 }),
      ],
      operator: openOpenStackNeutron(cloudOf(cloud.openstack), pino({ level: 'silent' })),
      api: new CloudApi({ directory: cloud.directory }, cloud.openstack),
    })
    await scene.#furnish()
    return scene
  }

  async #furnish(): Promise<void> {
    const provider = { 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' }
    this.outside = (await this.make<Network>('network', { name: 'outside', 'router:external': true, ...provider })).id
    await this.make('subnet', { network_id: this.outside, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false })
    this.inside = (await this.operator.networks.create({ name: 'inside' })).id
    const { id } = await this.operator.subnets.create({ network_id: this.inside, ip_version: 4, cidr: '10.9.0.0/24' })
    this.router = await this.makeRouter('r', id)
  }

  async makeRouter(name: string, subnet_id: string, gateway = true): Promise<string> {
    const body = { name, ...(gateway && { external_gateway_info: { network_id: this.outside } }) }
    const { id } = await this.make<{ id: string }>('router', body)
    await this.api.call('PUT', `/v2.0/routers/${id}/add_router_interface`, { subnet_id })
    return id
  }

  async removeRouter(id: string, subnet_id: string): Promise<void> {
    await this.api.call('PUT', `/v2.0/routers/${id}/remove_router_interface`, { subnet_id })
    await this.api.call('DELETE', `/v2.0/routers/${id}`)
  }

  /** As the operator. */
  async make<Resource>(kind: string, body: object): Promise<Resource> {
    const answer = await this.api.call('POST', `/v2.0/${kind}s`, { [kind]: body })
    return (answer as Record<string, Resource>)[kind] as Resource
  }

  /** A Docker network in the network behind the router. */
  createNetwork(opt: Record<string, string> = {}): Promise<NetworkRecord> {
    const options = { 'kuryr.publish': 'floating-ip', 'neutron.net.uuid': this.inside, ...opt }
    return this.hosts[0].docker.createNetwork({ subnet: '10.9.0.0/24', gateway: '10.9.0.1', opt: options })
  }

  floatingIps(): Promise<FloatingIp[]> {
    return this.operator.access.floatingIps.list()
  }

  forwardings(floatingIpId: string): Promise<PortForwarding[]> {
    return this.operator.access.portForwardings(floatingIpId).list()
  }

  /** Every forwarding of every floating IP: `203.0.113.9:8080/tcp 10.9.0.7:80`. */
  async published(): Promise<string[]> {
    const all = (await this.floatingIps()).flatMap(({ floating_ip_address: address, port_forwardings }) =>
      port_forwardings.map(
        one =>
          `${address}:${one.external_port ?? 0}/${one.protocol} ${one.internal_ip_address}:${one.internal_port ?? 0}`,
      ),
    )
    return all.sort()
  }

  /** All that Neutron has, by id. */
  async content(): Promise<unknown> {
    const { networks, subnets, subnetpools, ports, access } = this.operator
    const lists: { id: string }[][] = await Promise.all([
      networks.list(),
      subnets.list(),
      subnetpools.list(),
      ports.list(),
      access.floatingIps.list(),
    ])
    return lists.map(list => list.map(({ id }) => id).sort())
  }

  async settled(): Promise<void> {
    this.proxy.heal()
    for (const host of this.hosts) await host.settled()
  }

  async subnetOf(network: string): Promise<Subnet | undefined> {
    return (await this.operator.subnets.list({ network_id: network }))[0]
  }

  async portOf(address: string): Promise<Port | undefined> {
    return (await this.operator.ports.list({ fixed_ips: [`ip_address=${address}`] }))[0]
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await host.close()
    await this.operator.close()
    await this.proxy.close()
    await removeNamespaces()
    await this.cloud.remove()
  }
}
