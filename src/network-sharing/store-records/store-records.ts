import type { Condition, Entry, Operation, Store } from '../../store/store.ts'
import { type HostRecord, MAX_RECORD_BYTES, type Member, type SharedNetwork } from '../shared-network.ts'
import type { Published, RecordsView, SharedRecords } from '../shared-records.ts'
import { keepAlive } from './keep-alive.ts'
import { recordKeys } from './record-keys.ts'
import { ViewFollower, type FollowLog } from './view-follower.ts'

export interface StoreRecordsOptions {
  /** With a prefix of its own: everything in it is a record of sharing. Closed with the records. */
  store: Store
  log: FollowLog
  /** Told of each record that cannot be read. */
  onUnreadable: (key: string) => void
}

/** How often a name may be given up and taken by others between a look and an act. */
const MOST_ATTEMPTS = 5

/** The shared records in a store that all hosts reach: what may exist once is a key, and every act one transaction. */
export class StoreRecords implements SharedRecords {
  readonly #store: Store
  readonly #log: FollowLog
  readonly #follower: ViewFollower
  readonly #stop = new AbortController()
  #alive: Promise<void> = Promise.resolve()

  constructor({ store, log, onUnreadable }: StoreRecordsOptions) {
    this.#store = store
    this.#log = log
    this.#follower = new ViewFollower({ store, log, onUnreadable, signal: this.#stop.signal })
  }

  get view(): RecordsView {
    return this.#follower.view
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#follower.reached(1, signal)
  }

  subscribe(listener: (id: string | undefined) => void): () => void {
    return this.#follower.subscribe(listener)
  }

  reload(): Promise<void> {
    return this.#follower.reload()
  }

  async publish(network: SharedNetwork, member: Member): Promise<Published> {
    const { id, name } = network
    const value = JSON.stringify(network)
    const bytes = Buffer.byteLength(value)
    if (bytes > MAX_RECORD_BYTES) {
      throw new RangeError(
        `options and labels of network ${name} take ${bytes} bytes, at most ${MAX_RECORD_BYTES} can be shared: make it with fewer, or with -o kuryr.share=false`,
      )
    }
    let nameIsFree = [absent(recordKeys.name(name))]
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const done = await this.#change(
        [...nameIsFree, absent(recordKeys.network(id)), absent(recordKeys.tombstone(id))],
        [{ put: recordKeys.name(name), value: id }, { put: recordKeys.network(id), value }, memberPut(id, member)],
      )
      if (done) return { outcome: 'published' }
      if (await this.#get(recordKeys.tombstone(id))) return { outcome: 'withdrawn' }
      const holder = await this.#holderOf(name)
      // This very act, done before, its answer lost.
      if (holder.id === id) return { outcome: 'published' }
      if (holder.id !== undefined) return { outcome: 'taken', by: holder.id }
      nameIsFree = holder.still
    }
    throw new Error(`the name ${name} changed hands ${MOST_ATTEMPTS} times while this host wanted it`)
  }

  /** Who has the name now, and what must still hold for it to be given away. One whose record is gone does not have it. */
  async #holderOf(name: string): Promise<{ id: string | undefined; still: Condition[] }> {
    const key = recordKeys.name(name)
    const entry = await this.#get(key)
    if (!entry) return { id: undefined, still: [absent(key)] }
    const holder = recordKeys.network(entry.value)
    if (await this.#get(holder)) return { id: entry.value, still: [] }
    return { id: undefined, still: [{ key, modRevision: entry.modRevision }, absent(holder)] }
  }

  #get(key: string): Promise<Entry | undefined> {
    return this.#store.get(key, { signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(5000)]) })
  }

  async putMember(id: string, member: Member): Promise<void> {
    if (await this.#change([present(recordKeys.network(id))], [memberPut(id, member)])) return
    await this.#change([present(recordKeys.tombstone(id))], [memberPut(id, member)])
  }

  async removeMember(id: string, host: string): Promise<void> {
    const key = recordKeys.member(id, host)
    await this.#change([present(key)], [{ delete: key }])
  }

  async withdraw(id: string, by: string): Promise<void> {
    const entry = await this.#get(recordKeys.network(id))
    const network = this.view.network(id)
    if (entry === undefined || network === undefined) return
    const { name } = network
    const tombstone = JSON.stringify({ version: 1, id, name, by, removed: new Date().toISOString() })
    await this.#change(
      [{ key: entry.key, modRevision: entry.modRevision }],
      [
        { delete: recordKeys.network(id) },
        { delete: recordKeys.name(name) },
        { delete: recordKeys.member(id, by) },
        { put: recordKeys.tombstone(id), value: tombstone },
      ],
    )
  }

  async forget(id: string): Promise<void> {
    const key = recordKeys.tombstone(id)
    await this.#change([present(key), { prefix: recordKeys.members(id), empty: true }], [{ delete: key }])
  }

  async register(host: HostRecord): Promise<void> {
    await this.putHost(host)
    this.#alive = keepAlive(this.#store, {
      key: recordKeys.alive(host.host),
      value: host.since,
      signal: this.#stop.signal,
      log: this.#log,
    })
  }

  async putHost(host: HostRecord): Promise<void> {
    await this.#change([], [{ put: recordKeys.host(host.host), value: JSON.stringify(host) }])
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#follower.closed, this.#alive])
    await this.#store.close()
  }

  /** One transaction; when it comes back, the view has it. Returns whether the conditions held. */
  async #change(when: readonly Condition[], then: readonly Operation[]): Promise<boolean> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(10_000)])
    const { succeeded, revision } = await this.#store.transaction({ when, then }, { signal })
    // Every transaction here changes something, if its conditions hold: the watch brings its revision.
    if (succeeded) await this.#follower.reached(revision, signal)
    return succeeded
  }
}

function absent(key: string): Condition {
  return { key, exists: false }
}

function present(key: string): Condition {
  return { key, exists: true }
}

function memberPut(id: string, member: Member): Operation {
  return { put: recordKeys.member(id, member.host), value: JSON.stringify(member) }
}
