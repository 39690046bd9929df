/** Random numbers that a seed repeats (mulberry32): fast enough for hundreds of thousands of requests. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** An integer of at least 0, less than `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.next() * times < 1
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined) throw new Error('nothing to pick from')
    return choice
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.below(0x1000000).toString(16).padStart(6, '0')
    return text.slice(0, digits)
  }
}

/** The seed of this run: `FUZZ_SEED`, or a new one. Print it, so that a failure can be repeated. */
export function fuzzSeed(): number {
  const given = process.env.FUZZ_SEED
  return given === undefined ? Date.now() >>> 0 : Number(given) >>> 0
}
