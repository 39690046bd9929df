import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Network } from '../neutron/resources.ts'
import { ifThere } from './if-there.ts'
import { adoptedNetworkTag, CREATED_NETWORK_TAG, dockerIdTags, hasDockerId, isMarkedFor } from './marks.ts'

/**
 * Ends the Docker network's use of its Neutron network, unless pools of it are still there: takes our marks from a
 * network that others made, deletes one that we made once no Docker network counts on it. Done before is success.
 *
 * @returns whether nothing of the Docker network is left.
 * @throws {NeutronError} `NetworkInUse` when ports are still in a network that is to be deleted.
 */
export async function releaseNetwork(neutron: Neutron, dockerId: string, call: Call): Promise<boolean> {
  const tags = dockerIdTags(dockerId)
  const [networks, pools] = await Promise.all([
    // One that an earlier attempt left half its marks is found by the other half.
    neutron.networks.list({ 'tags-any': tags }, call),
    neutron.subnetpools.list({ tags }, call),
  ])
  if (pools.length > 0) return false
  const own = networks.filter(network => isMarkedFor(dockerId, network.tags))
  for (const network of own) await leaveNetwork(neutron, { network, dockerId }, call)
  return true
}

/** Ends the Docker network's use of this Neutron network, whatever pools are still there. */
export async function leaveNetwork(
  neutron: Neutron,
  { network, dockerId }: { network: Network; dockerId: string },
  call: Call,
): Promise<void> {
  // The mark that keeps it from being deleted goes last.
  const marks = [...dockerIdTags(dockerId), adoptedNetworkTag(dockerId)]
  const left = network.tags.filter(tag => !marks.includes(tag))
  const adopted = network.tags.includes(adoptedNetworkTag(dockerId))
  // Python Kuryr does not mark what it made, other than by the lack of the mark of what it did not.
  const created = network.tags.includes(CREATED_NETWORK_TAG) || !adopted
  if (!created || hasDockerId(left)) {
    await ifThere(neutron.networks.removeTags(network.id, marks, call))
    // Others may have gone at the same moment: of several, the last to look finds none.
    const [now] = created ? await neutron.networks.list({ id: network.id }, call) : []
    if (!now || hasDockerId(now.tags)) return
  }
  await ifThere(neutron.networks.delete(network.id, call))
}
