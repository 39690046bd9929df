import type { Decision } from './decide.ts'
import type { SharingContext } from './sharing-context.ts'
import { finishRemoval } from './steps/finish-removal.ts'
import { joinNetwork } from './steps/join-network.ts'
import { leaveNetwork } from './steps/leave-network.ts'
import { makeReplica } from './steps/make-replica.ts'
import { publishNetwork } from './steps/publish-network.ts'
import { releaseUnshared } from './steps/release-unshared.ts'
import { removeNetworks } from './steps/remove-networks.ts'
import { withdrawNetwork } from './steps/withdraw-network.ts'

/** Does what was decided for the shared id. Every step may have been done before, in part or whole. @throws {NotYet} */
export async function takeStep(context: SharingContext, id: string, decision: Decision): Promise<void> {
  switch (decision.step) {
    case 'nothing':
      return
    case 'publish':
      return publishNetwork(context, decision.network)
    case 'join':
      return joinNetwork(context, decision.network)
    case 'make':
      return makeReplica(context, decision.record)
    case 'remove':
      return removeNetworks(context, decision.networks)
    case 'withdraw':
      return withdrawNetwork(context, decision.record)
    case 'leave':
      return leaveNetwork(context, id)
    case 'finish':
      return finishRemoval(context, decision.tombstone)
    case 'release':
      return releaseUnshared(context, id)
  }
}
