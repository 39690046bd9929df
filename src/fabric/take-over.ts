import { hostInterfaceName } from '../host-network/names.ts'
import type { Port } from '../neutron/resources.ts'
import type { FollowerParts, ViewFollower } from './follow-view.ts'
import { hostEnds } from './network-namespace.ts'

/**
 * Takes over what an earlier daemon left: namespaces with live ports go on untouched but for what is wrong in them;
 * links of ports that are no more, and namespaces without any live port, are removed.
 */
export async function takeOver(parts: FollowerParts, follower: ViewFollower): Promise<void> {
  const { networks, mutex, options } = parts
  const wanted = [...options.view.portsOnHost(options.host)].map(port => networks.namespaceOf(port.network_id))
  const namespaces = new Set([...(await networks.namespacesInKernel()), ...wanted])
  const all = [...namespaces].map(namespace => {
    return mutex.run(namespace, () => takeOverOrTell(parts, follower, namespace))
  })
  await Promise.all(all)
}

async function takeOverOrTell(parts: FollowerParts, follower: ViewFollower, namespace: string): Promise<void> {
  const about = `namespace ${namespace}`
  try {
    await takeOverNamespace(parts, follower, namespace)
    parts.problems.clear(about)
  } catch (error) {
    parts.problems.set(about, `what an earlier run left there could not be taken over yet: ${String(error)}`)
    parts.options.log.warn({ err: error, namespace }, 'a namespace could not be taken over')
    follower.retryLater(() => {
      void parts.mutex.run(namespace, () => takeOverOrTell(parts, follower, namespace))
    })
  }
}

async function takeOverNamespace(parts: FollowerParts, follower: ViewFollower, namespace: string): Promise<void> {
  const { networks, options } = parts
  const bound = [...options.view.portsOnHost(options.host)].filter(port => {
    return networks.namespaceOf(port.network_id) === namespace
  })
  const present = new Set(hostEnds(await networks.linksOf(namespace)))
  const alive = bound.filter(port => present.has(hostInterfaceName(port.id)))
  const keep = namesToKeep(parts, namespace, bound)
  await removeStale(
    parts,
    namespace,
    [...present].filter(name => !keep.has(name)),
  )
  bound.filter(port => !alive.includes(port)).forEach(port => tellIfUnplugged(parts, port))
  const [first] = alive
  if (first === undefined) {
    if (networks.get(namespace) === undefined) await networks.closeIfEmpty(namespace)
    return
  }
  const network = options.view.network(first.network_id)
  if (network === undefined) throw new Error(`port ${first.id} is of network ${first.network_id}, which is not known`)
  const local = await networks.open(network)
  for (const port of alive) local.ports.add(port.id)
  local.entries.distrust()
  await follower.update(local)
}

/** Ports of the view, and those attached while the view was still being read. */
function namesToKeep(parts: FollowerParts, namespace: string, bound: Port[]): Set<string> {
  const attached = parts.networks.get(namespace)?.ports ?? []
  return new Set([...bound.map(port => port.id), ...attached].map(hostInterfaceName))
}

async function removeStale(parts: FollowerParts, namespace: string, names: string[]): Promise<void> {
  if (names.length === 0) return
  parts.options.log.info({ namespace, links: names }, 'removing links of ports that are no more')
  await parts.options.linkOps.deleteLinks(namespace, names)
}

/** A link cannot be put back into a running container: only Docker can, by starting it again. */
function tellIfUnplugged(parts: FollowerParts, port: Port): void {
  if (port.status !== 'ACTIVE' || port['binding:vif_type'] !== 'fabric') return
  const about = `port ${port.id}`
  parts.problems.set(about, `it should be plugged on this host but its link is gone: restart its container`)
  parts.options.log.warn({ portId: port.id, networkId: port.network_id }, 'the link of an active port is gone')
}
