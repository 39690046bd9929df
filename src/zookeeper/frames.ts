import { ZooKeeperError } from './zookeeper-error.ts'

/** No answer of ours is larger: what is read was written in pieces, and lists of names are short. */
const largestFrame = 64 * 1024 * 1024

/** Puts the bytes of a connection together to frames: a length of four bytes, then so many. */
export class Frames {
  #chunks: Buffer[] = []
  #length = 0

  /** The frames that are whole with `chunk`. @throws {ZooKeeperError} for a length that ZooKeeper never sends. */
  add(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const frames: Buffer[] = []
    for (let size = this.#frameSize(); size !== undefined; size = this.#frameSize()) {
      const all = this.#join()
      frames.push(all.subarray(4, 4 + size))
      this.#chunks = [all.subarray(4 + size)]
      this.#length = all.length - 4 - size
    }
    return frames
  }

  /** The size of the first frame if it is whole. */
  #frameSize(): number | undefined {
    if (this.#length < 4) return undefined
    const first = this.#chunks[0]
    const size = (first !== undefined && first.length >= 4 ? first : this.#join()).readInt32BE(0)
    if (size < 0 || size > largestFrame) {
      throw new ZooKeeperError('unavailable', `expected an answer of ZooKeeper, got a frame of ${size} bytes`)
    }
    return this.#length - 4 >= size ? size : undefined
  }

  #join(): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }
}
