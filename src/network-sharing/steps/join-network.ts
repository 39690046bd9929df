import type { EngineNetwork } from '../../docker-engine/docker-engine.ts'
import { findDockerNetwork } from '../../ownership/docker-network.ts'
import { sharedIdOf } from '../network-spec.ts'
import { memberOf, type SharingContext } from '../sharing-context.ts'

/** Says that this host has the shared network, and remembers under which id. */
export async function joinNetwork(context: SharingContext, network: EngineNetwork, note?: string): Promise<void> {
  const { records, memberships, neutron, signal } = context
  const id = sharedIdOf(network)
  memberships.addNetwork(network.Id, id)
  const found = await findDockerNetwork(neutron, id, { signal })
  memberships.addPools(found?.pools.map(pool => pool.id) ?? [], id)
  const member = memberOf(context, { networkId: network.Id, state: 'present', ...(note !== undefined && { note }) })
  await records.putMember(id, member)
}
