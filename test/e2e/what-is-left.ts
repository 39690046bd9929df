import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { Lab } from '../lab/lab.ts'

/** Everything of Neutron that a user may have made: what must be the same after our own things came and went. */
export async function neutronContent(host: DockerHost): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {}
  for (const kind of ['networks', 'subnets', 'subnetpools', 'ports']) {
    const answer = (await host.neutron('GET', `/v2.0/${kind}`)) as Record<string, unknown[]>
    content[kind] = (answer[kind] ?? []).map(withoutTimes).sort(byId)
  }
  return content
}

/** Marks that come and go leave newer times and revisions behind; nothing else may differ. */
function withoutTimes(resource: unknown): unknown {
  const { updated_at: _updated, revision_number: _revision, ...rest } = resource as Record<string, unknown>
  return rest
}

function byId(one: unknown, other: unknown): number {
  return (one as { id: string }).id < (other as { id: string }).id ? -1 : 1
}

/** Links and namespaces of ours on a host, in words; empty when all is clean. */
export async function kernelRemains(host: DockerHost): Promise<string[]> {
  const links = JSON.parse(await host.run('ip', '-json', 'link', 'show')) as { ifname: string }[]
  const names = links.map(({ ifname }) => ifname).filter(name => /^(tap|t_c|vx|kuryr|kg)/.test(name))
  const namespaces = (await host.run('ls', '/run/netns')).split('\n').filter(name => name.startsWith('kuryr-'))
  return [
    ...names.map(name => `${host.name}: link ${name}`),
    ...namespaces.map(name => `${host.name}: namespace ${name}`),
  ]
}

/** All that is left of Docker networks and containers on the lab's hosts and in its etcd; empty when all is clean. */
export async function everythingLeft(lab: Lab): Promise<string[]> {
  const kernel = await Promise.all(lab.hosts.map(kernelRemains))
  const docker = (await lab.etcd.v2Keys('/docker/network/v1.0')).filter(key =>
    /\/(network|endpoint_count)\/\w+$/.test(key),
  )
  const ours = [...(await lab.etcd.v3Get('/kuryr/')).keys()].filter(key =>
    /\/(addresses|macs|ports|pool-prefixes)\//.test(key),
  )
  return [...kernel.flat(), ...docker, ...ours]
}
