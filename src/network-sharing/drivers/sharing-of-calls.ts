import { raceAgainst } from '../../concurrency/race-against.ts'
import type { PluginCall } from '../../docker-plugin/drivers.ts'
import { PluginError } from '../../docker-plugin/plugin-error.ts'
import type { Memberships } from '../memberships.ts'
import type { InTheMaking } from '../in-the-making.ts'
import type { Member } from '../shared-network.ts'
import type { SharedRecords } from '../shared-records.ts'

/** Milliseconds: dockerd's own start calls us before it can be asked, and a wrong `docker_host` never answers. */
const LONGEST_RECALL = 5000

/** What Docker's calls must know of sharing. */
export interface SharingOfCalls {
  via: Member['via']
  memberships: Memberships
  records: SharedRecords
  /** Networks whose CreateNetwork runs, or whose Docker has not noted them yet. */
  inTheMaking: InTheMaking
  /** Resolves when this host's networks were read once, and what was forgotten is known again. */
  recalled: Promise<void>
}

/** The id under which the network service knows a Docker network of this host: the shared one, or its own. */
export async function sharedIdOfCall(
  { memberships, recalled }: SharingOfCalls,
  networkId: string,
  call: PluginCall,
): Promise<string> {
  const known = memberships.ofNetwork(networkId)
  if (known !== undefined || !memberships.startedEmpty) return known ?? networkId
  await raceAgainst(AbortSignal.any([call.signal, AbortSignal.timeout(LONGEST_RECALL)]), recalled).catch(
    () => undefined,
  )
  call.signal.throwIfAborted()
  return memberships.ofNetwork(networkId) ?? networkId
}

/** Whether the fate of this network's resources is decided by sharing, not by one host's Docker. */
export async function isShared(
  { memberships, records }: SharingOfCalls,
  id: string,
  call: PluginCall,
): Promise<boolean> {
  if (memberships.shares(id)) return true
  await records.ready(call.signal)
  return records.view.network(id) !== undefined || records.view.tombstone(id) !== undefined
}

/**
 * Refuses a shared id that nobody recorded: users can give the option by hand.
 *
 * @throws {PluginError}
 */
export async function refuseUnknown({ records }: SharingOfCalls, id: string, call: PluginCall): Promise<void> {
  await records.ready(call.signal)
  if (records.view.network(id)) return
  const removed = records.view.tombstone(id) ? 'was removed' : 'is not known'
  throw new PluginError(
    409,
    `option kuryr.shared.id=${id}: the shared network ${removed}; kuryr gives this option itself: leave it out to make a network of your own`,
  )
}
