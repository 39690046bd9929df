import path from 'node:path'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { NetworkCreateBody } from '../docker-engine/docker-engine.ts'
import { jsonOf, readStateFile, writeStateFile } from '../state-file.ts'

const File = Compile(
  Type.Object({
    networks: Type.Record(Type.String(), Type.String()),
    pools: Type.Record(Type.String(), Type.String()),
    made: Type.Array(Type.String()),
    removed: Type.Array(Type.String()),
    wishes: Type.Array(Type.Object({ Name: Type.String() })),
  }),
)

/**
 * Which of this host's Docker networks and address pools stand for which shared network, in
 * `state_path/shared-networks.json`. Docker repeats nothing after a restart and names only its own ids in its calls, so
 * this must outlive the daemon. It is written before Docker is answered. Lost, it is made anew from the engine's networks.
 */
export class Memberships {
  readonly #file: string
  readonly #networks = new Map<string, string>()
  readonly #pools = new Map<string, string>()
  readonly #made = new Set<string>()
  readonly #removed = new Set<string>()
  readonly #wishes = new Map<string, NetworkCreateBody>()
  /** Whether nothing was kept before: what is not known may then still be so. */
  readonly startedEmpty: boolean

  /** @throws {Error} when the file is there and cannot be read, saying what to do. */
  constructor(statePath: string) {
    this.#file = path.join(statePath, 'shared-networks.json')
    const text = readStateFile(this.#file)
    this.startedEmpty = text === undefined
    if (text !== undefined) this.#load(text)
  }

  /** The shared network of a Docker network of this host; `undefined` for one that is not shared. */
  ofNetwork(networkId: string): string | undefined {
    return this.#networks.get(networkId)
  }

  ofPool(poolId: string): string | undefined {
    return this.#pools.get(poolId)
  }

  /** Whether this host has the shared network, or had it until a moment ago. */
  shares(sharedId: string): boolean {
    return [...this.#networks.values(), ...this.#pools.values()].includes(sharedId)
  }

  /** Every network of this host that is noted in any way. */
  ids(): Set<string> {
    return new Set([...this.#networks.values(), ...this.#pools.values(), ...this.#made])
  }

  /**
   * A network is about to be made here for a user. It is not shared yet; but if Docker removes it while this daemon is
   * down, nobody else knows what it had in the network service.
   */
  noteMade(networkId: string): void {
    this.#made.add(networkId)
    this.#write()
  }

  /** Whether it was made here, and is not shared. */
  wasMade(networkId: string): boolean {
    return this.#made.has(networkId)
  }

  /** Docker told that the shared network is removed. */
  noteRemoved(sharedId: string): void {
    this.#removed.add(sharedId)
    this.#write()
  }

  wasRemoved(sharedId: string): boolean {
    return this.#removed.has(sharedId)
  }

  /** It was not made after all, or was removed with all that it had. */
  dropMade(networkId: string): void {
    if (this.#made.delete(networkId)) this.#write()
  }

  /** The ids of this host's Docker networks that are shared. */
  networkIds(): Iterable<string> {
    return this.#networks.keys()
  }

  addNetwork(networkId: string, sharedId: string): void {
    if (this.#networks.get(networkId) === sharedId) return
    this.#networks.set(networkId, sharedId)
    this.#made.delete(networkId)
    this.#write()
  }

  addPools(poolIds: readonly string[], sharedId: string): void {
    const news = poolIds.filter(poolId => this.#pools.get(poolId) !== sharedId)
    if (news.length === 0) return
    for (const poolId of news) this.#pools.set(poolId, sharedId)
    this.#write()
  }

  /** The Docker network is gone from this host. */
  removeNetwork(networkId: string): void {
    if (this.#networks.delete(networkId)) this.#write()
  }

  /** The shared network is gone, or is not this host's any more. */
  forget(sharedId: string): void {
    if (!this.shares(sharedId) && !this.wasMade(sharedId)) return
    this.#made.delete(sharedId)
    this.#removed.delete(sharedId)
    for (const known of [this.#networks, this.#pools]) {
      for (const [key, id] of known) if (id === sharedId) known.delete(key)
    }
    this.#write()
  }

  /** Networks that are to be made again, and were not yet. */
  wishes(): NetworkCreateBody[] {
    return [...this.#wishes.values()]
  }

  keepWish(body: NetworkCreateBody): void {
    this.#wishes.set(body.Name, body)
    this.#write()
  }

  dropWish(name: string): void {
    if (this.#wishes.delete(name)) this.#write()
  }

  #load(text: string): void {
    const content = jsonOf(text)
    if (!File.Check(content)) {
      throw new Error(`${this.#file} is damaged: expected the shared networks of this host; remove it, it is made anew`)
    }
    for (const [networkId, id] of Object.entries(content.networks)) this.#networks.set(networkId, id)
    for (const [poolId, id] of Object.entries(content.pools)) this.#pools.set(poolId, id)
    for (const networkId of content.made) this.#made.add(networkId)
    for (const sharedId of content.removed) this.#removed.add(sharedId)
    // Written by us as Docker's requests, and checked by Docker when they are made.
    for (const wish of content.wishes) this.#wishes.set(wish.Name, wish as NetworkCreateBody)
  }

  #write(): void {
    writeStateFile(this.#file, {
      networks: Object.fromEntries(this.#networks),
      pools: Object.fromEntries(this.#pools),
      made: [...this.#made],
      removed: [...this.#removed],
      wishes: this.wishes(),
    })
  }
}
