import type { Tombstone } from '../shared-network.ts'
import type { SharingContext } from '../sharing-context.ts'
import { releaseUnlessInUse } from './release-unless-in-use.ts'

/**
 * Lets go of what a removed network had in the network service, and of its tombstone once no host has it any more. Done by
 * the host where it was removed, or by any when that one is away; done before is success. A container that started in the
 * moment of the removal keeps all of it: its host is draining.
 */
export async function finishRemoval(context: SharingContext, { id, by }: Tombstone): Promise<void> {
  const { records, memberships, host } = context
  memberships.forget(id)
  if (by !== host && records.view.isAlive(by)) return
  const released = await releaseUnlessInUse(context, id)
  if (released && records.view.members(id).length === 0) await records.forget(id)
}
