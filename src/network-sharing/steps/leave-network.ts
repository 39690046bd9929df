import type { SharingContext } from '../sharing-context.ts'

/** The network is not on this host any more, and the records say so. What it had in Neutron is looked after next. */
export async function leaveNetwork({ records, host }: SharingContext, id: string): Promise<void> {
  await records.removeMember(id, host)
}
