import { raceAgainst } from './race-against.ts'

/**
 * Shares one look at the store among all who wait for one. A look serves those who asked before it began; whoever asks
 * while it is under way waits for the next, so that nobody is answered with a past older than the question.
 */
export class Barrier {
  readonly #look: () => Promise<number>
  #underWay: Promise<number> | undefined
  #next: Promise<number> | undefined

  constructor(look: () => Promise<number>) {
    this.#look = look
  }

  /** The result of a look that began after this call. */
  pass(signal: AbortSignal): Promise<number> {
    if (!this.#underWay) return raceAgainst(signal, this.#begin())
    this.#next ??= this.#underWay.then(ignore, ignore).then(() => {
      this.#next = undefined
      return this.#begin()
    })
    return raceAgainst(signal, this.#next)
  }

  #begin(): Promise<number> {
    const look = this.#look().finally(() => {
      if (this.#underWay === look) this.#underWay = undefined
    })
    this.#underWay = look
    return look
  }
}

function ignore(): undefined {
  return undefined
}
