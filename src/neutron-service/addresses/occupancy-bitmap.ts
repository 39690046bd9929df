/**
 * Which of `size` numbers (0 to size - 1) are taken, as a tree of bits: a bit of a level above says that a whole word
 * below is taken. Finding the next free number takes one step per level (five for 2^24), however full it is.
 */
export class OccupancyBitmap {
  readonly size: number
  readonly #levels: Uint32Array[] = []
  #taken = 0

  /** @param size at most 2^24, so that positions stay in 32-bit arithmetic. */
  constructor(size: number) {
    this.size = size
    for (let bits = size; ;) {
      const words = Math.ceil(bits / 32)
      const level = new Uint32Array(words)
      // What is beyond the end counts as taken.
      if (bits % 32 !== 0) level[words - 1] = (0xffffffff << (bits % 32)) >>> 0
      this.#levels.push(level)
      if (words <= 1) break
      bits = words
    }
  }

  get taken(): number {
    return this.#taken
  }

  has(position: number): boolean {
    return (((this.#levels[0]?.[position >>> 5] ?? 0) >>> (position & 31)) & 1) === 1
  }

  /** Marks `position` taken; nothing happens if it is. */
  take(position: number): void {
    if (this.has(position)) return
    this.#taken += 1
    for (const level of this.#levels) {
      const word = ((level[position >>> 5] ?? 0) | (1 << (position & 31))) >>> 0
      level[position >>> 5] = word
      if (word !== 0xffffffff) return
      position >>>= 5
    }
  }

  /** Marks `position` free; nothing happens if it is. */
  free(position: number): void {
    if (!this.has(position)) return
    this.#taken -= 1
    for (const level of this.#levels) {
      const before = level[position >>> 5] ?? 0
      level[position >>> 5] = (before & ~(1 << (position & 31))) >>> 0
      if (before !== 0xffffffff) return
      position >>>= 5
    }
  }

  /** The first free number from `from` on, or `undefined` if there is none up to the end. */
  nextFree(from: number): number | undefined {
    let position = from
    for (const [height, level] of this.#levels.entries()) {
      const word = position >>> 5
      const free = word < level.length ? ~(level[word] ?? 0) & (0xffffffff << (position & 31)) : 0
      if (free !== 0) return this.#descend(height, (word << 5) | lowestBit(free))
      position = word + 1
    }
    return undefined
  }

  #descend(height: number, position: number): number {
    for (let level = height - 1; level >= 0; level -= 1) {
      position = (position << 5) | lowestBit(~(this.#levels[level]?.[position] ?? 0))
    }
    return position
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
