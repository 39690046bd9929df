/** What is wrong now, in words, by what it is about: said again it is replaced, mended it is gone. */
export class Problems {
  readonly #problems = new Map<string, string>()

  /** @param about for example `port 1f2e…`; part of the text that {@link list} gives. */
  set(about: string, problem: string): void {
    this.#problems.set(about, problem)
  }

  clear(about: string): void {
    this.#problems.delete(about)
  }

  list(): string[] {
    return [...this.#problems].map(([about, problem]) => `${about}: ${problem}`)
  }
}
