import type { EngineNetwork } from '../../docker-engine/docker-engine.ts'
import { NotYet, type SharingContext } from '../sharing-context.ts'
import { removeUnlessInUse } from './remove-unless-in-use.ts'

/**
 * A network of this host whose name another host's network has: it goes, and the other's replica comes in its place.
 * With containers on it, it stays as it is, for this host alone, until they are gone.
 *
 * @throws {NotYet}
 */
export async function yieldName(
  context: SharingContext,
  { network, by }: { network: EngineNetwork; by: string },
): Promise<void> {
  const { records, locals, host, log } = context
  const winner = records.view.network(by)
  // The one of that name was removed here a moment ago, and its record goes right now: it is no rival.
  const own = records.view.member(by, host)
  if (!winner || (own?.state === 'present' && locals.of(by).length === 0)) {
    throw new NotYet(`the name ${network.Name} is still that of another network (${by})`, 'nothing: it is tried again')
  }
  const about = { network: network.Name, networkId: network.Id, winner: by, origin: winner.origin }
  log.warn(about, 'a network of this name was made on another host first: the one made here gives way to it')
  if (await removeUnlessInUse(context, network)) return
  throw new NotYet(
    `network ${network.Name} of this host is not shared: host ${winner.origin} made one of that name first, and containers use the one here`,
    `remove the containers of ${network.Name} here; it is then replaced by the shared one`,
  )
}
