import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../../concurrency/backoff.ts'
import { raceAgainst } from '../../concurrency/race-against.ts'
import type { Neutron } from '../../neutron/neutron.ts'
import { dockerIdTags } from '../../ownership/marks.ts'
import type { HostRecord, Member, SharedNetwork } from '../shared-network.ts'
import type { Published, RecordsView, SharedRecords } from '../shared-records.ts'
import type { FollowLog } from '../store-records/view-follower.ts'
import { OwnMembers } from './own-members.ts'
import { namespaceTag, tagsOf, tagsOfRecord } from './record-tags.ts'
import { TagView } from './tag-view.ts'

export interface TagRecordsOptions {
  neutron: Neutron
  namespace: string
  statePath: string
  /** Milliseconds between two looks at Neutron. */
  pollInterval: number
  log: FollowLog
  onUnreadable: (key: string) => void
}

/**
 * The shared records in the tags of their Neutron networks: an OpenStack site needs nothing beside. Neutron tells nobody of
 * changes, so it is asked from time to time (one call), and at once after what this host did. Two hosts that take one name
 * at the same moment both see the other when they look again, and the one with the greater id gives way.
 */
export class TagRecords implements SharedRecords {
  readonly #options: TagRecordsOptions
  readonly #own: OwnMembers
  readonly #stop = new AbortController()
  readonly #listeners = new Set<(id: string | undefined) => void>()
  readonly #first = Promise.withResolvers<undefined>()
  readonly #polling: Promise<void>
  #view: TagView
  #seen = ''

  /** @throws {Error} when this host's own notes cannot be read. */
  constructor(options: TagRecordsOptions) {
    this.#options = options
    this.#own = new OwnMembers(options.statePath)
    this.#view = new TagView([], this.#own)
    this.#polling = this.#poll()
  }

  get view(): RecordsView {
    return this.#view
  }

  ready(signal: AbortSignal): Promise<void> {
    return raceAgainst(signal, this.#first.promise)
  }

  subscribe(listener: (id: string | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  reload(): Promise<void> {
    return this.#look()
  }

  async publish(record: SharedNetwork, member: Member): Promise<Published> {
    const tags = tagsOfRecord(record)
    await this.#look()
    const holder = this.view.idOfName(record.name)
    if (holder !== undefined && holder !== record.id) return this.#giveWay(record.id, holder)
    const { networks } = this.#options.neutron
    const [network] = await networks.list({ tags: dockerIdTags(record.id) }, this.#call())
    if (!network) throw new Error(`no Neutron network carries the tags of ${record.id}`)
    await networks.addTags(network.id, [...tags, namespaceTag(this.#options.namespace)], this.#call())
    await this.#look()
    const now = this.view.idOfName(record.name)
    if (now !== undefined && now !== record.id) return this.#giveWay(record.id, now)
    this.#own.put(record.id, member, record.name)
    return { outcome: 'published' }
  }

  /** Whoever looked between another's two looks may have published too: its record goes, as if it had never been. */
  async #giveWay(id: string, by: string): Promise<Published> {
    await this.#removeRecord(id)
    return { outcome: 'taken', by }
  }

  async putMember(id: string, member: Member): Promise<void> {
    const record = this.view.network(id)
    if (record ?? this.view.tombstone(id)) this.#own.put(id, member, record?.name ?? this.#own.nameOf(id))
    return Promise.resolve()
  }

  async removeMember(id: string, host: string): Promise<void> {
    if (this.view.member(id, host)) this.#own.remove(id)
    return Promise.resolve()
  }

  /** The record goes, and with the last record of the namespace on its Neutron network what polls ask for. */
  async withdraw(id: string): Promise<void> {
    await this.#removeRecord(id)
    await this.#look()
  }

  async #removeRecord(id: string): Promise<void> {
    const { neutron, namespace } = this.#options
    for (const { id: networkId, tags } of await neutron.networks.list({ tags: dockerIdTags(id) }, this.#call())) {
      const own = tagsOf(id, tags)
      const others = tags.some(tag => tag.startsWith('kuryr.shared.') && !own.includes(tag))
      await neutron.networks.removeTags(networkId, [...own, ...(others ? [] : [namespaceTag(namespace)])], this.#call())
    }
    this.#own.remove(id)
  }

  async forget(id: string): Promise<void> {
    this.#own.remove(id)
    return Promise.resolve()
  }

  register(host: HostRecord): Promise<void> {
    return this.putHost(host)
  }

  async putHost(host: HostRecord): Promise<void> {
    this.#own.host = host
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#polling
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop
    const backoff = new Backoff({ firstMs: 500, limitMs: 30_000 })
    while (!signal.aborted) {
      try {
        await this.#look()
        backoff.reset()
        await sleep(this.#options.pollInterval, undefined, { signal }).catch(() => undefined)
      } catch (error) {
        if (backoff.attempts === 0) this.#options.log.warn({ err: error }, 'Neutron does not tell the shared networks')
        await backoff.wait(signal)
      }
    }
  }

  async #look(): Promise<void> {
    const { neutron, namespace } = this.#options
    const networks = await neutron.networks.list({ tags: [namespaceTag(namespace)] }, this.#call())
    const seen = JSON.stringify(networks.map(({ id, tags }) => [id, ...tags].sort()).sort())
    this.#first.resolve(undefined)
    if (seen === this.#seen) return
    this.#seen = seen
    this.#view = new TagView(networks, this.#own)
    for (const [key, reason] of this.#view.unreadable()) {
      this.#options.log.warn({ key, reason }, 'a shared record cannot be read: it is skipped')
      this.#options.onUnreadable(key)
    }
    for (const listener of this.#listeners) listener(undefined)
  }

  #call(): { signal: AbortSignal } {
    return { signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(30_000)]) }
  }
}
