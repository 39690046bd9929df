import type { EngineNetwork } from '../../docker-engine/docker-engine.ts'
import { findDockerNetwork } from '../../ownership/docker-network.ts'
import { sharedIdOf, specOf } from '../network-spec.ts'
import type { SharedNetwork } from '../shared-network.ts'
import { memberOf, type SharingContext } from '../sharing-context.ts'
import { remakeNetwork } from './remake-network.ts'
import { yieldName } from './yield-name.ts'

/**
 * Makes a network of this host known to all. Where its name was taken by another at the same moment, it gives way.
 *
 * Killed before the record is written: found again at the next start. The membership is noted first, so that from then on
 * Docker's removal of the network leaves it to sharing what becomes of its Neutron resources.
 */
export async function publishNetwork(context: SharingContext, network: EngineNetwork): Promise<void> {
  const { neutron, records, memberships, log, signal } = context
  const id = sharedIdOf(network)
  const found = await findDockerNetwork(neutron, id, { signal })
  if (!found) return remakeNetwork(context, network)
  memberships.addNetwork(network.Id, id)
  memberships.addPools(
    found.pools.map(pool => pool.id),
    id,
  )
  const member = memberOf(context, { networkId: network.Id, state: 'present' })
  const published = await records.publish(recordOf(network, context.host), member)
  if (published.outcome === 'taken') return yieldName(context, { network, by: published.by })
  if (published.outcome === 'published') log.info({ sharedId: id, network: network.Name }, 'network shared')
}

function recordOf(network: EngineNetwork, origin: string): SharedNetwork {
  const { Name: name, Created } = network
  return { version: 1, id: sharedIdOf(network), name, spec: specOf(network), origin, created: Created.slice(0, 40) }
}
