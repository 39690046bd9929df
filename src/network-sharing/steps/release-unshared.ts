import type { SharingContext } from '../sharing-context.ts'
import { releaseUnlessInUse } from './release-unless-in-use.ts'

/** A network of this host that nobody has recorded is gone: what it had in the network service goes too. */
export async function releaseUnshared(context: SharingContext, id: string): Promise<void> {
  await releaseUnlessInUse(context, id)
  context.memberships.forget(id)
}
