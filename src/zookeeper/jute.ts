/** Writes ZooKeeper's serialization, jute: big-endian numbers, texts and buffers behind their length, -1 for none. */
export class JuteWriter {
  readonly #parts: Buffer[] = []

  int(value: number): this {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeInt32BE(value)
    this.#parts.push(bytes)
    return this
  }

  long(value: bigint): this {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(value)
    this.#parts.push(bytes)
    return this
  }

  bool(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]))
    return this
  }

  buffer(value: Buffer): this {
    this.int(value.length)
    this.#parts.push(value)
    return this
  }

  text(value: string): this {
    return this.buffer(Buffer.from(value))
  }

  /** What another writer wrote. */
  raw(bytes: Buffer): this {
    this.#parts.push(bytes)
    return this
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** The same behind its length, as it goes over the wire. */
  frame(): Buffer {
    const body = this.bytes()
    return new JuteWriter().buffer(body).bytes()
  }
}

/** Reads what {@link JuteWriter} writes. @throws {RangeError} past the end. */
export class JuteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  int(): number {
    const value = this.#bytes.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  long(): bigint {
    const value = this.#bytes.readBigInt64BE(this.#at)
    this.#at += 8
    return value
  }

  bool(): boolean {
    const value = this.#bytes.readUInt8(this.#at) !== 0
    this.#at += 1
    return value
  }

  buffer(): Buffer {
    const length = this.int()
    if (length < 0) return Buffer.alloc(0)
    if (length > this.left) throw new RangeError(`expected ${length} bytes, ${this.left} are left`)
    const value = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return value
  }

  text(): string {
    return this.buffer().toString()
  }

  texts(): string[] {
    return Array.from({ length: Math.max(0, this.int()) }, () => this.text())
  }
}
