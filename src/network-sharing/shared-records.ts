import type { HostRecord, Member, SharedNetwork, Tombstone } from './shared-network.ts'

/** What all hosts know together, as this host has it in memory, kept current by a watch. */
export interface RecordsView {
  network(id: string): SharedNetwork | undefined
  networks(): Iterable<SharedNetwork>
  /** The id of the shared network of that name. */
  idOfName(name: string): string | undefined
  tombstone(id: string): Tombstone | undefined
  tombstones(): Iterable<Tombstone>
  members(id: string): Member[]
  member(id: string, host: string): Member | undefined
  /** Every id that anything is recorded of. */
  ids(): Set<string>
  hosts(): HostRecord[]
  /** Whether the host's daemon is connected at this moment. */
  isAlive(host: string): boolean
  /** Records that cannot be read: key and reason. */
  unreadable(): ReadonlyMap<string, string>
  /** Whether what is recorded of this id cannot be read, so that nothing may be concluded from its absence. */
  isUnreadable(id: string): boolean
}

/** What became of an attempt to publish: it is there, or its name belongs to another network. */
export type Published = { outcome: 'published' } | { outcome: 'taken'; by: string } | { outcome: 'withdrawn' }

/**
 * The records that hosts share, wherever they are kept. Every change is one act, made only if its condition holds, and
 * visible in {@link view} when the call comes back.
 */
export interface SharedRecords {
  readonly view: RecordsView
  /** Resolves when the view is complete for the first time. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>
  /** Told after each change of the view; without an id everything may have changed. Returns the way to stop. */
  subscribe(listener: (id: string | undefined) => void): () => void
  /** Reads everything anew. */
  reload(): Promise<void>

  /** Makes the network known under its name, if neither its name is taken nor it was removed. */
  publish(network: SharedNetwork, member: Member): Promise<Published>
  /** Says that a host has the network, or why not, as long as the network is recorded or being removed. */
  putMember(id: string, member: Member): Promise<void>
  removeMember(id: string, host: string): Promise<void>
  /** Ends the network and leaves a tombstone; nothing if it is not recorded. */
  withdraw(id: string, by: string): Promise<void>
  /** Ends the tombstone once no host has the network any more. */
  forget(id: string): Promise<void>

  /** Says that this host takes part, for as long as this process lives. */
  register(host: HostRecord): Promise<void>
  putHost(host: HostRecord): Promise<void>
  close(): Promise<void>
}
