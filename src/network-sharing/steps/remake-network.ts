import type { EngineNetwork, NetworkCreateBody } from '../../docker-engine/docker-engine.ts'
import { EngineError } from '../../docker-engine/engine-error.ts'
import { bodyOf, sharedIdOf, specOf } from '../network-spec.ts'
import { NotYet, type SharingContext } from '../sharing-context.ts'
import { removeUnlessInUse } from './remove-unless-in-use.ts'

/**
 * A Docker network whose Neutron network is gone, because the store lost its data or an operator deleted it: it is made
 * anew under its name, and shared as a new one. Other hosts that had it do the same, and all but one give way.
 *
 * Killed between removal and creation: the wish is kept in the memberships, and granted at the next start.
 *
 * @throws {NotYet} while containers are on it.
 */
export async function remakeNetwork(context: SharingContext, network: EngineNetwork): Promise<void> {
  const { memberships, driver, log } = context
  if (context.expelled()) return dropNetwork(context, network)
  const body = bodyOf(network.Name, specOf(network), driver)
  log.warn({ network: network.Name, networkId: network.Id }, 'the network has no Neutron network any more: made anew')
  memberships.keepWish(body)
  if (!(await removeUnlessInUse(context, network))) {
    memberships.dropWish(network.Name)
    throw new NotYet(
      `network ${network.Name} is not in Neutron any more (the store lost its data, or it was deleted there)`,
      `stop the containers of ${network.Name} on this host; the network is then made anew; before each is started again: docker network disconnect ${network.Name} CONTAINER, then docker network connect ${network.Name} CONTAINER`,
    )
  }
  memberships.forget(sharedIdOf(network))
  await grantWish(context, body)
}

/** This host was told to be gone for good: the network was removed meanwhile, with nobody waiting for this host. */
async function dropNetwork(context: SharingContext, network: EngineNetwork): Promise<void> {
  context.log.info({ network: network.Name, networkId: network.Id }, 'the network was removed while this host was gone')
  if (!(await removeUnlessInUse(context, network))) {
    throw new NotYet(
      `network ${network.Name} was removed while this host was gone (kuryr host rm)`,
      `remove its containers here; ${network.Name} then goes too`,
    )
  }
  context.memberships.forget(sharedIdOf(network))
}

/** Makes a network that was to be made again. A name that is taken by now is left to its holder. */
export async function grantWish(
  { engine, memberships, locals, signal }: SharingContext,
  body: NetworkCreateBody,
): Promise<void> {
  try {
    const { id } = await engine.createNetwork(body, { signal })
    await locals.look(id)
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'conflict')) throw error
  }
  memberships.dropWish(body.Name)
}
