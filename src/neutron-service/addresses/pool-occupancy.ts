import { OccupancyBitmap } from './occupancy-bitmap.ts'

/** Above this many addresses (2 MB of bits) a pool is kept as a set of what is taken. */
const largestBitmap = 1n << 24n
/** Steps to take one by one before jumping elsewhere in a sparse pool. */
const sparseSteps = 16

/** Which addresses of one allocation pool (numbers from `start` to `end` inclusive) are taken. */
export interface PoolOccupancy {
  readonly start: bigint
  readonly end: bigint
  readonly taken: number
  take(value: bigint): void
  free(value: bigint): void
  /** The first free address at or after `from` (within the pool), else `undefined`. */
  nextFree(from: bigint): bigint | undefined
}

/** A bitmap for pools of up to 2^24 addresses, a set for larger ones, which cannot fill up. */
export function poolOccupancy(start: bigint, end: bigint): PoolOccupancy {
  return end - start < largestBitmap ? new DensePool(start, end) : new SparsePool(start, end)
}

class DensePool implements PoolOccupancy {
  readonly start: bigint
  readonly end: bigint
  readonly #bits: OccupancyBitmap

  constructor(start: bigint, end: bigint) {
    this.start = start
    this.end = end
    this.#bits = new OccupancyBitmap(Number(end - start) + 1)
  }

  get taken(): number {
    return this.#bits.taken
  }

  take(value: bigint): void {
    this.#bits.take(Number(value - this.start))
  }

  free(value: bigint): void {
    this.#bits.free(Number(value - this.start))
  }

  nextFree(from: bigint): bigint | undefined {
    const offset = this.#bits.nextFree(Number(from - this.start))
    return offset === undefined ? undefined : this.start + BigInt(offset)
  }
}

class SparsePool implements PoolOccupancy {
  readonly start: bigint
  readonly end: bigint
  readonly #taken = new Set<bigint>()

  constructor(start: bigint, end: bigint) {
    this.start = start
    this.end = end
  }

  get taken(): number {
    return this.#taken.size
  }

  take(value: bigint): void {
    this.#taken.add(value)
  }

  free(value: bigint): void {
    this.#taken.delete(value)
  }

  nextFree(from: bigint): bigint | undefined {
    let step = 1n
    // Runs of taken addresses are jumped over in growing strides: order does not matter here, the time does.
    for (let value = from, steps = 0; value <= this.end; value += step, steps += 1) {
      if (!this.#taken.has(value)) return value
      if (steps >= sparseSteps) step *= 2n
    }
    for (let value = this.start; value < from; value += 1n) if (!this.#taken.has(value)) return value
    return undefined
  }
}
