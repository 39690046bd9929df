import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '../../lab/lab.ts'
import { type ClusterContent, clusterContent, dockerIdOf, type HostContent, isForSharing } from './cluster-content.ts'
import { sharedIdOf } from './shared-networks.ts'

export interface Expectations {
  /** The hosts that have all shared networks; all if absent. */
  sharing?: readonly string[]
  namespace?: string
  /** Names of shared networks that some hosts do not have, for a reason. */
  except?: readonly string[]
  /** Milliseconds in which all must agree. */
  patience?: number
}

/**
 * Everything in which the hosts' Docker networks, the shared records and Neutron's resources disagree, in words; empty
 * as soon as all agree, else what was left after some patience.
 */
export async function disagreements(lab: Lab, expectations: Expectations = {}): Promise<string[]> {
  const end = performance.now() + (expectations.patience ?? 20_000)
  for (;;) {
    const found = compare(await clusterContent(lab, expectations.namespace), expectations)
    if (found.length === 0 || performance.now() > end) return found
    await delay(200)
  }
}

function compare(content: ClusterContent, expectations: Expectations): string[] {
  return [
    ...ofRecords(content, expectations),
    ...content.hosts.flatMap(host => ofHost(content, host)),
    ...ofNeutronNetworks(content),
    ...ofPorts(content),
    ...content.hosts.flatMap(host => ofKernel(content, host)),
  ]
}

/** Each record has its name and is on every host; nothing is left of others. */
function ofRecords(content: ClusterContent, { sharing, except = [] }: Expectations): string[] {
  const { records, names, members, tombstones, hosts } = content
  const wanted = hosts.filter(({ name }) => sharing?.includes(name) ?? true)
  const missing = [...records.values()]
    .filter(({ name }) => !except.includes(name))
    .flatMap(({ id, name }) => wanted.flatMap(host => ofMember(content, { id, name, host })))
  return [
    ...missing,
    ...[...records.values()]
      .filter(({ id, name }) => names.get(name) !== id)
      .map(({ id, name }) => `network ${name} (${id}) does not have its name in the records`),
    ...[...names].filter(([, id]) => !records.has(id)).map(([name, id]) => `name ${name} leads to nothing (${id})`),
    ...[...members.keys()].filter(id => !records.has(id)).map(id => `members of ${id}, which is not recorded`),
    ...tombstones.map(id => `tombstone of ${id}`),
  ]
}

function ofMember(
  { members }: ClusterContent,
  { id, name, host }: { id: string; name: string; host: HostContent },
): string[] {
  const here = host.networks.filter(network => sharedIdOf(network) === id && network.Name === name)
  const member = members.get(id)?.find(known => known.host === host.name)
  const [network, second] = here
  if (!network) return [`${host.name} does not have network ${name}`]
  if (second) return [`${host.name} has network ${name} ${here.length} times`]
  if (!member) return [`the records do not say that ${host.name} has network ${name}`]
  const right = member.state === 'present' && member.networkId === network.Id
  return right ? [] : [`the records say of ${name} on ${host.name}: ${member.state} ${member.networkId}`]
}

/** Each network that is for sharing is recorded. */
function ofHost({ records }: ClusterContent, { name, networks }: HostContent): string[] {
  const seen = new Set<string>()
  return networks.flatMap(network => {
    if (!isForSharing(network)) return []
    if (seen.has(network.Name)) return [`${name} has two networks ${network.Name}`]
    seen.add(network.Name)
    return records.has(sharedIdOf(network)) ? [] : [`${name} has network ${network.Name}, which is not recorded`]
  })
}

/** Each network of Docker's has one in Neutron with its pools and subnets, and there is no other that is ours. */
function ofNeutronNetworks({ records, hosts, networks, pools, subnets }: ClusterContent): string[] {
  const known = new Map(hosts.flatMap(host => host.networks.map(network => [sharedIdOf(network), network.Name])))
  for (const { id, name } of records.values()) known.set(id, name)
  const marked = (resource: (typeof networks)[number], id: string): boolean =>
    resource.tags.some(tag => tag === `kuryr.net.uuid.lh:${id.slice(0, 32)}`)
  const poolIds = new Set(pools.map(({ id }) => id))
  return [
    ...[...known].flatMap(([id, name]) => {
      const count = networks.filter(network => marked(network, id)).length
      return count === 1 ? [] : [`network ${name} (${id}) has ${count} networks in Neutron`]
    }),
    ...[...records.values()].flatMap(({ id, name, spec }) => {
      const count = pools.filter(pool => marked(pool, id)).length
      return count === spec.subnets.length ? [] : [`network ${name} has ${count} of ${spec.subnets.length} pools`]
    }),
    ...[...networks, ...pools]
      .filter(({ tags }) => tags.some(tag => tag.startsWith('kuryr.')))
      .filter(resource => !known.has(dockerIdOf(resource) ?? ''))
      .map(({ id, tags }) => `Neutron's ${id} is of no Docker network (${tags.join(' ')})`),
    ...subnets.flatMap(({ id, tags }) =>
      tags
        .filter(tag => /^[0-9a-f]{8}-/.test(tag) && !poolIds.has(tag))
        .map(tag => `subnet ${id} is used by no pool ${tag}`),
    ),
  ]
}

/** Each container has one port, each port of a container a container, each address a port. */
function ofPorts({ hosts, ports, addresses }: ClusterContent): string[] {
  const endpoints = hosts.flatMap(({ networks }) => networks.flatMap(({ Containers }) => Object.values(Containers)))
  const ids = new Set(endpoints.map(({ EndpointID }) => EndpointID))
  const ofContainers = ports.filter(
    ({ tags }) => tags.includes('compute:kuryr') || tags.includes('kuryr.port.existing'),
  )
  const portIds = new Set(ports.map(({ id }) => id))
  return [
    ...endpoints
      .filter(({ EndpointID }) => ofContainers.filter(({ device_id }) => device_id === EndpointID).length !== 1)
      .map(({ Name }) => `container ${Name} does not have one port`),
    ...ofContainers
      .filter(({ device_id }) => !ids.has(device_id ?? ''))
      .map(({ id, device_id }) => `port ${id} is of no container (${device_id ?? ''})`),
    ...[...addresses].filter(([, port]) => !portIds.has(port)).map(([address]) => `address ${address} is of no port`),
  ]
}

function ofKernel({ networks }: ClusterContent, { name, namespaces }: HostContent): string[] {
  const known = new Set(networks.map(({ id }) => id.slice(0, 11)))
  return namespaces
    .filter(namespace => !known.has(namespace))
    .map(left => `${name} has namespace kuryr-${left} of no network`)
}
