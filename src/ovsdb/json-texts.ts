/** The longest message that is taken from a server, in characters: far more than any answer to what we ask. */
const longestMessage = 16 * 1024 * 1024

/**
 * Cuts a stream into JSON texts. OVSDB's messages have no delimiter (RFC 7047 section 4: JSON-RPC 1.0 over a stream), so
 * braces outside of strings are counted.
 */
export class JsonTexts {
  #pending = ''
  #scanned = 0
  #depth = 0
  #inString = false
  #escaped = false

  /**
   * The texts that are complete with this chunk.
   * @throws {Error} when something other than JSON objects comes, or one is too long to be an answer
   */
  take(chunk: string): string[] {
    this.#pending += chunk
    const texts: string[] = []
    for (; this.#scanned < this.#pending.length; this.#scanned++) {
      if (!this.#endsObject(this.#pending.charAt(this.#scanned))) continue
      texts.push(this.#pending.slice(0, this.#scanned + 1))
      this.#pending = this.#pending.slice(this.#scanned + 1)
      this.#scanned = -1
    }
    if (this.#pending.length > longestMessage) throw new Error('expected a JSON object, got one without end')
    return texts
  }

  #endsObject(character: string): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (character === '\\') this.#escaped = true
      else if (character === '"') this.#inString = false
      return false
    }
    if (this.#depth === 0 && !/[\s{]/.test(character)) {
      throw new Error(`expected a JSON object, got ${JSON.stringify(character)}: is this an OVSDB server?`)
    }
    if (character === '"') this.#inString = true
    if (character === '{') this.#depth++
    if (character === '}') this.#depth--
    return character === '}' && this.#depth === 0
  }
}
