import type { SharingContext } from '../sharing-context.ts'

/** The network is not on this host any more: the records say so, and nothing of it is remembered. */
export async function leaveNetwork({ records, memberships, host }: SharingContext, id: string): Promise<void> {
  await records.removeMember(id, host)
  memberships.forget(id)
}
