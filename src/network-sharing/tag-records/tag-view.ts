import type { Network } from '../../neutron/resources.ts'
import type { HostRecord, Member, SharedNetwork, Tombstone } from '../shared-network.ts'
import type { RecordsView } from '../shared-records.ts'
import type { OwnMembers } from './own-members.ts'
import { keyOf, recordsIn } from './record-tags.ts'

/** What one poll of Neutron told, and what this host remembers of itself. */
export class TagView implements RecordsView {
  readonly #own: OwnMembers
  readonly #networks = new Map<string, SharedNetwork>()
  readonly #names = new Map<string, string>()
  readonly #overtaken = new Set<string>()
  readonly #unreadable = new Map<string, string>()

  constructor(networks: readonly Network[], own: OwnMembers) {
    this.#own = own
    for (const { tags } of networks) {
      const { records, unreadable } = recordsIn(tags)
      for (const record of records) this.#take(record)
      for (const [key, reason] of unreadable) this.#unreadable.set(key, reason)
    }
  }

  /** Of two with one name, made at the same moment, the smaller id has it; the other counts as not published. */
  #take(record: SharedNetwork): void {
    const holder = this.#names.get(record.name)
    if (holder !== undefined && holder < record.id) {
      this.#overtaken.add(record.id)
      return
    }
    if (holder !== undefined) {
      this.#networks.delete(holder)
      this.#overtaken.add(holder)
    }
    this.#names.set(record.name, record.id)
    this.#networks.set(record.id, record)
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

  /** Neutron keeps its data: what this host was a member of, and is not told any more, was removed. */
  tombstone(id: string): Tombstone | undefined {
    const there = this.#networks.has(id) || this.#overtaken.has(id) || this.isUnreadable(id)
    if (there || !this.#own.get(id)) return undefined
    return { version: 1, id, name: this.#own.nameOf(id), by: 'unknown', removed: '' }
  }

  tombstones(): Iterable<Tombstone> {
    return this.#own.ids().flatMap(id => this.tombstone(id) ?? [])
  }

  members(id: string): Member[] {
    const member = this.#own.get(id)
    return member ? [member] : []
  }

  member(id: string, host: string): Member | undefined {
    return this.members(id).find(member => member.host === host)
  }

  ids(): Set<string> {
    return new Set([...this.#networks.keys(), ...this.#own.ids()])
  }

  hosts(): HostRecord[] {
    return this.#own.host ? [this.#own.host] : []
  }

  /** Neutron's tags do not tell; nobody is taken for dead. */
  isAlive(): boolean {
    return true
  }

  unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable
  }

  isUnreadable(id: string): boolean {
    return this.#unreadable.has(keyOf(id))
  }
}
