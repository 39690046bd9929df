import { formatIpAddress, parseIpAddress } from '../../addressing/ip-address.ts'
import type { AllocationPool } from '../../neutron/resources.ts'
import { poolOccupancy, type PoolOccupancy } from './pool-occupancy.ts'

/** Candidates for the next address of one subnet, from its allocation pools. It proposes; the store's transaction decides. */
export class SubnetAllocator {
  readonly #version: 4 | 6
  readonly #pools: PoolOccupancy[]
  /** The address given most recently, by any host. */
  #last: bigint | undefined

  constructor(version: 4 | 6, pools: readonly AllocationPool[]) {
    this.#version = version
    this.#pools = pools.map(pool => poolOccupancy(valueOf(pool.start), valueOf(pool.end)))
  }

  /** How many addresses the pools hold, and how many of them are taken. */
  get fill(): { size: bigint; taken: number } {
    return {
      size: this.#pools.reduce((sum, pool) => sum + pool.end - pool.start + 1n, 0n),
      taken: this.#pools.reduce((sum, pool) => sum + pool.taken, 0),
    }
  }

  take(address: string): void {
    const value = valueOf(address)
    this.#poolOf(value)?.take(value)
  }

  free(address: string): void {
    const value = valueOf(address)
    this.#poolOf(value)?.free(value)
  }

  /** Remembers what was given last: the next search starts behind it, so a released address is not given again at once. */
  given(address: string): void {
    this.#last = valueOf(address)
  }

  /** The first free address behind the one given last, going round; `undefined` when all are taken. */
  next(): string | undefined {
    return this.#from(this.#last === undefined ? undefined : this.#last + 1n)
  }

  /** A free address near a random place. @param random in [0, 1) */
  anywhere(random: () => number): string | undefined {
    const scaled = BigInt(Math.floor(random() * 2 ** 48))
    let offset = (this.fill.size * scaled) >> 48n
    for (const pool of this.#pools) {
      const size = pool.end - pool.start + 1n
      if (offset < size) return this.#from(pool.start + offset)
      offset -= size
    }
    return undefined
  }

  #from(start: bigint | undefined): string | undefined {
    const begin = start ?? this.#pools[0]?.start
    if (begin === undefined) return undefined
    const found =
      firstOf(this.#pools, pool =>
        begin > pool.end ? undefined : pool.nextFree(begin > pool.start ? begin : pool.start),
      ) ?? firstOf(this.#pools, pool => pool.nextFree(pool.start))
    return found === undefined ? undefined : formatIpAddress({ version: this.#version, value: found })
  }

  #poolOf(value: bigint): PoolOccupancy | undefined {
    return this.#pools.find(pool => value >= pool.start && value <= pool.end)
  }
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

function valueOf(address: string): bigint {
  return parseIpAddress(address).value
}
