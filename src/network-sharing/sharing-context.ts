import type { Logger } from 'pino'
import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { LocalNetworks, SharingEngine } from './local-networks.ts'
import type { Memberships } from './memberships.ts'
import type { Member } from './shared-network.ts'
import type { SharedRecords } from './shared-records.ts'

/** What the steps work with. */
export interface SharingContext {
  host: string
  /** The name of our driver in Docker. */
  driver: string
  via: Member['via']
  engine: SharingEngine
  neutron: Neutron
  /** Where the network service has floating IPs. */
  access: AccessServices | undefined
  records: SharedRecords
  locals: LocalNetworks
  memberships: Memberships
  /** Whether `kuryr host rm` told this host to be gone for good, and it came back: what it has may be long removed. */
  expelled: () => boolean
  log: Logger
  signal: AbortSignal
}

/**
 * A step cannot be done now, for a reason that lies with the user: told as a problem, tried again when a network or an
 * endpoint of this host goes, and from time to time.
 */
export class NotYet extends Error {
  override readonly name = 'NotYet'
  readonly todo: string

  constructor(message: string, todo: string) {
    super(message)
    this.todo = todo
  }
}

/** This host as a member of a shared network. */
export function memberOf(
  { host, via, locals }: SharingContext,
  what: Pick<Member, 'networkId' | 'state'> & { note?: string },
): Member {
  const { note, ...rest } = what
  return {
    version: 1,
    host,
    engineId: locals.engine?.id ?? '',
    via,
    ...rest,
    ...(note !== undefined && { note: note.slice(0, 1000) }),
  }
}
