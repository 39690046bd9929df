import type { EngineNetwork } from '../docker-engine/docker-engine.ts'
import { isReplica } from './network-spec.ts'
import { hasNetwork, type Member, type SharedNetwork, type Tombstone } from './shared-network.ts'

/** All that this host knows of one shared id. */
export interface Situation {
  /** The id of this host's Docker engine. */
  engineId: string
  /** `cluster`: dockerd shares networks itself, by its cluster store; ours are only made known to the other hosts. */
  via: Member['via']
  record: SharedNetwork | undefined
  tombstone: Tombstone | undefined
  /** What is recorded of this host. */
  member: Member | undefined
  /** This host's Docker networks that stand for it, the oldest first. */
  locals: readonly EngineNetwork[]
  /** Whether this host remembers to have had it. */
  remembered: boolean
  /** Whether Docker told this host's plugin that the network is removed. */
  removedByCall: boolean
  /** Whether this host shares, by its configuration, a network made here. */
  offers: (network: EngineNetwork) => boolean
  /** Whether this host takes, by its configuration, a network made elsewhere. */
  accepts: (record: SharedNetwork) => boolean
}

export type Decision =
  | { step: 'nothing' }
  /** A network was made here: the others shall have it. */
  | { step: 'publish'; network: EngineNetwork }
  /** It is here: say so. */
  | { step: 'join'; network: EngineNetwork }
  /** It is not here yet. */
  | { step: 'make'; record: SharedNetwork }
  /** It was removed elsewhere, or is here twice. */
  | { step: 'remove'; networks: readonly EngineNetwork[] }
  /** It was here, and its user removed it. */
  | { step: 'withdraw'; record: SharedNetwork }
  /** It is not here any more, and the records still say so. */
  | { step: 'leave' }
  /** It was removed, and is not here: see that nothing is left of it. */
  | { step: 'finish'; tombstone: Tombstone }
  /** It was made here, and removed before or without being shared. */
  | { step: 'release' }

const nothing: Decision = { step: 'nothing' }

/** What is to be done next for one shared id: the whole of sharing as one table, without acting. */
export function decide(situation: Situation): Decision {
  const { record, tombstone } = situation
  if (tombstone) return ofRemoved(situation, tombstone)
  return record ? ofRecorded(situation, record) : ofUnrecorded(situation)
}

function ofRemoved({ locals, member }: Situation, tombstone: Tombstone): Decision {
  if (locals.length > 0) return { step: 'remove', networks: locals }
  return member ? { step: 'leave' } : { step: 'finish', tombstone }
}

function ofRecorded(situation: Situation, record: SharedNetwork): Decision {
  const { locals, member, engineId, via } = situation
  // One of another name was made by a user who gave the shared id by hand: his own.
  const named = locals.filter(({ Name }) => Name === record.name)
  const kept = named.find(({ Id }) => Id === member?.networkId) ?? named[0]
  const doubles = named.filter(network => network !== kept)
  if (doubles.length > 0) return { step: 'remove', networks: doubles }
  if (kept) return isJoined(situation, kept) ? nothing : { step: 'join', network: kept }
  // A cluster store that is away hides its networks: that one is not listed says nothing by itself.
  if (via === 'cluster') return situation.removedByCall ? { step: 'withdraw', record } : nothing
  const wasHere = member?.via === 'replica' && hasNetwork(member) && member.engineId === engineId
  if (wasHere) return { step: 'withdraw', record }
  return situation.accepts(record) ? { step: 'make', record } : nothing
}

function isJoined({ member, engineId, via }: Situation, { Id }: EngineNetwork): boolean {
  return member?.state === 'present' && member.networkId === Id && member.engineId === engineId && member.via === via
}

function ofUnrecorded({ locals, member, remembered, offers }: Situation): Decision {
  const [network] = locals
  if (network) return isReplica(network) || offers(network) ? { step: 'publish', network } : nothing
  if (member) return { step: 'leave' }
  return remembered ? { step: 'release' } : nothing
}
