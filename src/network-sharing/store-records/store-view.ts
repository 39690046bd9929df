import type { Change, Entry } from '../../store/store.ts'
import type { HostRecord, Member, SharedNetwork, Tombstone } from '../shared-network.ts'
import type { RecordsView } from '../shared-records.ts'
import { readRecord } from './read-record.ts'
import { decoded, partsOfKey, recordKeys } from './record-keys.ts'

/** The records of a store in memory. What cannot be read is left out, and told by {@link unreadable}. */
export class StoreView implements RecordsView {
  readonly #networks = new Map<string, SharedNetwork>()
  readonly #names = new Map<string, string>()
  readonly #members = new Map<string, Map<string, Member>>()
  readonly #tombstones = new Map<string, Tombstone>()
  readonly #hosts = new Map<string, HostRecord>()
  readonly #alive = new Set<string>()
  readonly #unreadable = new Map<string, string>()
  readonly #onUnreadable: (key: string, reason: string) => void

  /** @param onUnreadable told of each record that is skipped, when it comes. */
  constructor(onUnreadable: (key: string, reason: string) => void) {
    this.#onUnreadable = onUnreadable
  }

  /** Takes one change in. Returns the shared id that it is about, if it is about one. */
  apply(change: Change): string | undefined {
    const key = change.type === 'put' ? change.entry.key : change.key
    const { kind, id } = partsOfKey(key)
    this.#drop(key)
    if (change.type === 'put') this.#take(change.entry)
    return ['networks', 'members', 'tombstones'].includes(kind) ? id : undefined
  }

  #take({ key, value }: Entry): void {
    const { kind, id } = partsOfKey(key)
    try {
      if (kind === 'networks') this.#networks.set(id, ofKey(id, readRecord.network(value)))
      else if (kind === 'tombstones') this.#tombstones.set(id, ofKey(id, readRecord.tombstone(value)))
      else if (kind === 'members') this.#takeMember(key, readRecord.member(value))
      else if (kind === 'hosts') this.#hosts.set(decoded(id), readRecord.host(value))
      else if (kind === 'names') this.#names.set(decoded(id), value)
      else if (kind === 'alive') this.#alive.add(decoded(id))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#unreadable.set(key, reason)
      this.#onUnreadable(key, reason)
    }
  }

  #takeMember(key: string, member: Member): void {
    const { id, rest } = partsOfKey(key)
    if (decoded(rest) !== member.host) throw new Error(`expected a record of host ${decoded(rest)}, got ${member.host}`)
    const members = this.#members.get(id) ?? new Map<string, Member>()
    this.#members.set(id, members.set(member.host, member))
  }

  #drop(key: string): void {
    const { kind, id, rest } = partsOfKey(key)
    this.#unreadable.delete(key)
    if (kind === 'networks') this.#networks.delete(id)
    else if (kind === 'tombstones') this.#tombstones.delete(id)
    else if (kind === 'members') this.#dropMember(id, decoded(rest))
    else if (kind === 'hosts') this.#hosts.delete(decoded(id))
    else if (kind === 'names') this.#names.delete(decoded(id))
    else if (kind === 'alive') this.#alive.delete(decoded(id))
  }

  #dropMember(id: string, host: string): void {
    const members = this.#members.get(id)
    members?.delete(host)
    if (members?.size === 0) this.#members.delete(id)
  }

  network(id: string): SharedNetwork | undefined {
    return this.#networks.get(id)
  }

  networks(): Iterable<SharedNetwork> {
    return this.#networks.values()
  }

  idOfName(name: string): string | undefined {
    return this.#names.get(name)
  }

  tombstone(id: string): Tombstone | undefined {
    return this.#tombstones.get(id)
  }

  tombstones(): Iterable<Tombstone> {
    return this.#tombstones.values()
  }

  members(id: string): Member[] {
    return [...(this.#members.get(id)?.values() ?? [])]
  }

  member(id: string, host: string): Member | undefined {
    return this.#members.get(id)?.get(host)
  }

  ids(): Set<string> {
    return new Set([...this.#networks.keys(), ...this.#tombstones.keys(), ...this.#members.keys()])
  }

  hosts(): HostRecord[] {
    return [...this.#hosts.values()]
  }

  isAlive(host: string): boolean {
    return this.#alive.has(host)
  }

  unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable
  }

  isUnreadable(id: string): boolean {
    return this.#unreadable.has(recordKeys.network(id)) || this.#unreadable.has(recordKeys.tombstone(id))
  }
}

function ofKey<T extends { id: string }>(id: string, record: T): T {
  if (record.id !== id) throw new Error(`expected a record of network ${id}, got one of ${record.id}`)
  return record
}
