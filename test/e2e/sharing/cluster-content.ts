import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import type { Lab } from '../../lab/lab.ts'
import type { EngineNetworkAnswer } from './shared-networks.ts'

/** A record of network sharing, as far as it is compared. */
export interface SharingRecord {
  id: string
  name: string
  spec: { subnets: { subnet: string; ipRange?: string }[] }
}

/** That a host has the network, as recorded. */
export interface SharingMember {
  host: string
  networkId: string
  state: string
}

/** A resource of the embedded Neutron, as far as it is compared. */
export interface NeutronResource {
  id: string
  tags: string[]
  network_id?: string
  device_id?: string
  device_owner?: string
  fixed_ips?: { subnet_id: string; ip_address: string }[]
}

/** All that a lab's hosts and its etcd say of our networks, at one moment. */
export interface ClusterContent {
  hosts: HostContent[]
  records: Map<string, SharingRecord>
  /** From name to id. */
  names: Map<string, string>
  /** By shared id. */
  members: Map<string, SharingMember[]>
  tombstones: string[]
  networks: NeutronResource[]
  pools: NeutronResource[]
  subnets: NeutronResource[]
  ports: NeutronResource[]
  /** From `subnet/address` to the port that has it. */
  addresses: Map<string, string>
}

export interface HostContent {
  name: string
  networks: EngineNetworkAnswer[]
  /** `kuryr-…` without the prefix: the beginning of a Neutron network's id. */
  namespaces: string[]
}

/** The id that a network has in the marks of Neutron's resources: two halves. */
export function dockerIdOf({ tags }: NeutronResource): string | undefined {
  const half = (name: string): string => tags.find(tag => tag.startsWith(name))?.slice(name.length) ?? ''
  return half('kuryr.net.uuid.lh:') + half('kuryr.net.uuid.uh:') || undefined
}

/** Reads it all. A host whose dockerd does not run counts as one without networks. */
export async function clusterContent(lab: Lab, namespace = 'default'): Promise<ClusterContent> {
  const [sharing, neutron, ...hosts] = await Promise.all([
    lab.etcd.v3Get(`/kuryr-sharing/${namespace}/`),
    lab.etcd.v3Get('/kuryr/'),
    ...lab.hosts.map(hostContent),
  ])
  const shared = below(sharing, `/kuryr-sharing/${namespace}/`)
  const kept = below(neutron, '/kuryr/')
  const resources = (kind: string): NeutronResource[] => kept(kind).map(([, value]) => dataOf(value) as NeutronResource)
  return {
    hosts,
    records: new Map(shared('networks').map(([id, value]) => [id, JSON.parse(value) as SharingRecord])),
    names: new Map(shared('names').map(([name, id]) => [decodeURIComponent(name), id])),
    members: membersOf(shared('members')),
    tombstones: shared('tombstones').map(([id]) => id),
    networks: resources('networks'),
    pools: resources('subnetpools'),
    subnets: resources('subnets'),
    ports: resources('ports'),
    addresses: new Map(kept('addresses').map(([key, value]) => [key, (dataOf(value) as { port: string }).port])),
  }
}

async function hostContent(host: DockerHost): Promise<HostContent> {
  const namespaces = (await host.run('ls', '/run/netns')).split('\n').filter(name => name.startsWith('kuryr-'))
  return {
    name: host.name,
    networks: host.daemon.running ? await kuryrNetworks(host) : [],
    namespaces: namespaces.map(name => name.slice('kuryr-'.length)),
  }
}

/** The host's networks of our driver, with their containers. */
export async function kuryrNetworks(host: DockerHost): Promise<EngineNetworkAnswer[]> {
  const filters = encodeURIComponent(JSON.stringify({ driver: ['kuryr'] }))
  const { body } = await host.api('GET', `/networks?filters=${filters}`)
  const listed = (body as EngineNetworkAnswer[]).filter(({ Driver }) => Driver === 'kuryr')
  const inspected = await Promise.all(listed.map(({ Id }) => host.api('GET', `/networks/${Id}`)))
  return inspected.filter(({ status }) => status === 200).map(answer => answer.body as EngineNetworkAnswer)
}

function membersOf(entries: [string, string][]): Map<string, SharingMember[]> {
  const members = new Map<string, SharingMember[]>()
  for (const [key, value] of entries) {
    const [id = ''] = key.split('/')
    members.set(id, [...(members.get(id) ?? []), JSON.parse(value) as SharingMember])
  }
  return members
}

function below(entries: Map<string, string>, prefix: string): (kind: string) => [string, string][] {
  return kind => {
    const start = `${prefix}${kind}/`
    return [...entries].filter(([key]) => key.startsWith(start)).map(([key, value]) => [key.slice(start.length), value])
  }
}

function dataOf(value: string): unknown {
  return (JSON.parse(value) as { data: unknown }).data
}

/** Whether sharing has to do with the network: not one that its user kept on its host. */
export function isForSharing({ Options }: EngineNetworkAnswer): boolean {
  return Options?.['kuryr.share'] !== 'false'
}
