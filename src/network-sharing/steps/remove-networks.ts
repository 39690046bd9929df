import type { EngineNetwork } from '../../docker-engine/docker-engine.ts'
import { sharedIdOf } from '../network-spec.ts'
import { memberOf, NotYet, type SharingContext } from '../sharing-context.ts'
import { removeUnlessInUse } from './remove-unless-in-use.ts'

/**
 * Removes Docker networks of this host that are not to be there: of a network that was removed elsewhere, or a second
 * one. With containers on it, it stays until they are gone.
 *
 * @throws {NotYet}
 */
export async function removeNetworks(context: SharingContext, networks: readonly EngineNetwork[]): Promise<void> {
  for (const network of networks) await removeOne(context, network)
}

async function removeOne(context: SharingContext, network: EngineNetwork): Promise<void> {
  const { memberships, log } = context
  if (!(await removeUnlessInUse(context, network))) {
    await sayDraining(context, network)
    throw new NotYet(
      `network ${network.Name} was removed on another host in the moment in which a container started on it here`,
      `the container keeps its network; when it is removed, ${network.Name} goes too`,
    )
  }
  memberships.removeNetwork(network.Id)
  log.info({ network: network.Name, networkId: network.Id, sharedId: sharedIdOf(network) }, 'replica removed')
}

async function sayDraining(context: SharingContext, network: EngineNetwork): Promise<void> {
  const { records, host } = context
  const id = sharedIdOf(network)
  if (records.view.member(id, host)?.state === 'draining') return
  const note = 'removed elsewhere, and in use here'
  await records.putMember(id, memberOf(context, { networkId: network.Id, state: 'draining', note }))
}
