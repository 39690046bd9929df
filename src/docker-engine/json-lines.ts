/** Told of each line that was left out: why, and how it begins. */
export type OnBadLine = (why: string, beginning: string) => void

/** Splits a stream of JSON texts, one per line, that comes in chunks cut anywhere. */
export class JsonLines {
  readonly #onBadLine: OnBadLine
  readonly #longestLine: number
  #parts: Buffer[] = []
  #length = 0

  /** `longestLine` in bytes; a longer line is left out and takes no memory beyond that. */
  constructor(onBadLine: OnBadLine, longestLine = 1024 * 1024) {
    this.#onBadLine = onBadLine
    this.#longestLine = longestLine
  }

  /** The values of the lines that end in `chunk`. Lines that are empty or no JSON are left out. */
  *push(chunk: Buffer): Generator<unknown, void> {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end))
      start = end + 1
      yield* this.#takeLine()
    }
    this.#keep(chunk.subarray(start))
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length <= this.#longestLine && part.length > 0) this.#parts.push(part)
  }

  *#takeLine(): Generator<unknown, void> {
    const text = Buffer.concat(this.#parts).toString().trim()
    const length = this.#length
    this.#parts = []
    this.#length = 0
    if (length > this.#longestLine) {
      this.#onBadLine(`longer than ${this.#longestLine} bytes: ${length}`, text.slice(0, shownLength))
    } else if (text !== '') {
      yield* this.#parsed(text)
    }
  }

  *#parsed(text: string): Generator<unknown, void> {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      this.#onBadLine(error instanceof Error ? error.message : String(error), text.slice(0, shownLength))
      return
    }
    yield value
  }
}

const newline = 0x0a
const shownLength = 200
