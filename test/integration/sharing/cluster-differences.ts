import { dockerIdOf } from '../../../src/ownership/marks.ts'
import type { SharingHost } from './sharing-host.ts'

/**
 * In words, in what the hosts, the shared records and the network service do not agree; empty when all is as it should be:
 * every shared network is on every host once, under one name and id, and Neutron has what they need and no more.
 */
export async function clusterDifferences(hosts: readonly SharingHost[]): Promise<string[]> {
  const [first] = hosts
  if (!first) return []
  const shared = (await first.sharing.networks()).map(({ id, name, state }) => `${name}=${id.slice(0, 8)} ${state}`)
  const expected = shared.sort()
  const differences = hosts.flatMap(host => {
    const found = host.engine
      .networks()
      .map(({ Id, Name, Options }) => `${Name}=${(Options['kuryr.shared.id'] ?? Id).slice(0, 8)} shared`)
      .sort()
    const problems = host.sharing.status().problems.map(({ why }) => `${host.name}: ${why}`)
    return JSON.stringify(found) === JSON.stringify(expected)
      ? problems
      : [...problems, `${host.name} has [${found.join(', ')}], the records [${expected.join(', ')}]`]
  })
  return [...differences, ...(await neutronDifferences(first, expected)), ...(await portDifferences(hosts))]
}

/** Every port is of a container that runs somewhere. */
async function portDifferences(hosts: readonly SharingHost[]): Promise<string[]> {
  const running = new Set(hosts.flatMap(({ engine }) => engine.endpointIds()))
  const ports = (await hosts[0]?.neutron.ports.list()) ?? []
  return ports
    .filter(({ device_id }) => !running.has(device_id))
    .map(({ id, tags }) => `port ${id} [${tags.join(' ')}] is no container's`)
}

async function neutronDifferences(host: SharingHost, expected: readonly string[]): Promise<string[]> {
  const ids = expected.map(text => text.split(/[= ]/)[1])
  const known = (tags: string[]): boolean => ids.includes(dockerIdOf(tags)?.slice(0, 8))
  const [networks, pools] = [await host.neutron.networks.list(), await host.neutron.subnetpools.list()]
  const orphans = [
    ...networks.filter(({ tags }) => !known(tags)).map(({ name }) => `Neutron network ${name} is nobody's`),
    // Without a Docker id it is of a creation that was cut off: the sweep of the next start takes it, when it is old enough.
    ...pools
      .filter(({ tags }) => dockerIdOf(tags) !== undefined && !known(tags))
      .map(({ name, tags }) => `pool ${name} [${tags.join(' ')}] is nobody's`),
  ]
  const missing = ids.filter(id => !networks.some(({ tags }) => dockerIdOf(tags)?.startsWith(id ?? '') === true))
  return [...orphans, ...missing.map(id => `${id ?? ''} has no Neutron network`)]
}
