import type { Network, Port, Subnet, SubnetPool } from '../../src/neutron/resources.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'

/**
 * Makes Neutron's resources of a Docker network what OpenStack's Python Kuryr would have left them as, by the marks and
 * names that its source gives them, and starts the daemons anew: they know nothing but what Neutron says.
 */
export async function pretendPython(lab: Lab, cloud: Cloud, dockerNetwork: string): Promise<void> {
  const id = (await lab.host(1).docker('network', 'inspect', '--format', '{{.Id}}', dockerNetwork)).trim()
  for (const { kuryr } of lab.hosts) await kuryr.stop()
  const marks = halves(id)
  const [network] = (await cloud.list('networks', `tags=${marks.join(',')}`)) as Network[]
  if (network === undefined) throw new Error(`no Neutron network has the marks of Docker network ${id}`)
  const existing = network.name.startsWith('kuryr-net-') ? [] : [`kuryr.net.existing:${id.slice(0, 12)}`]
  await setTags(cloud, `networks/${network.id}`, [...marks, ...existing])
  for (const subnet of (await cloud.list('subnets', `network_id=${network.id}`)) as Subnet[]) {
    const pools = (await cloud.list('subnetpools')) as SubnetPool[]
    const [pool] = pools.filter(({ prefixes }) => prefixes.includes(subnet.cidr))
    if (pool === undefined) continue
    await setTags(cloud, `subnetpools/${pool.id}`, [])
    await setTags(cloud, `subnets/${subnet.id}`, [pool.id])
  }
  for (const port of (await cloud.list('ports', `network_id=${network.id}`)) as Port[]) {
    if (!port.tags.includes('compute:kuryr')) continue
    await cloud.api.call('PUT', `/v2.0/ports/${port.id}`, { port: { name: 'kuryr-unbound-port' } })
    await setTags(cloud, `ports/${port.id}`, ['compute:kuryr', ...halves(port.device_id)])
  }
  for (const { kuryr } of lab.hosts) {
    await kuryr.wipeState()
    await kuryr.start()
  }
}

function halves(id: string): string[] {
  return [`kuryr.net.uuid.lh:${id.slice(0, 32)}`, `kuryr.net.uuid.uh:${id.slice(32)}`]
}

async function setTags(cloud: Cloud, resource: string, tags: string[]): Promise<void> {
  await cloud.api.call('PUT', `/v2.0/${resource}/tags`, { tags })
}
