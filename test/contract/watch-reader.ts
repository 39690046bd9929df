import type { Batch, Store } from '../../src/store/store.ts'

/** Reads a watch in a test, batch by batch, with an end to the waiting. */
export class WatchReader implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #batches: AsyncIterator<Batch>
  #pending: Promise<IteratorResult<Batch>>

  /** Starts to read at once. */
  constructor(store: Store, prefix: string, fromRevision: number) {
    this.#batches = store.watch(prefix, fromRevision, this.#stop.signal)[Symbol.asyncIterator]()
    this.#pending = this.#batches.next()
    this.#pending.catch(() => undefined)
  }

  /** The next batch; rejects with what ended the watch, or after `timeoutMs`. */
  async next(timeoutMs = 30_000): Promise<Batch> {
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`no batch came within ${timeoutMs} ms`)), timeoutMs)
    try {
      const result = await Promise.race([this.#pending, promise])
      if (result.done) throw new Error('the watch ended')
      this.#pending = this.#batches.next()
      this.#pending.catch(() => undefined)
      return result.value
    } finally {
      clearTimeout(timer)
    }
  }

  /** Batches up to the one of `revision`, which must come. */
  async until(revision: number): Promise<Batch[]> {
    const read: Batch[] = []
    for (;;) {
      const batch = await this.next()
      read.push(batch)
      if (batch.revision >= revision) return read
    }
  }

  /** Ends the watch; resolves when it has ended without an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#pending.catch(() => undefined)
  }

  /** Aborts and returns what the watch's last `next()` gave. */
  async abort(): Promise<IteratorResult<Batch>> {
    this.#stop.abort()
    return this.#pending
  }
}

/** A batch in short: `12: +a/1=x -a/2`. */
export function shortly({ revision, changes }: Batch): string {
  const words = changes.map(change =>
    change.type === 'put' ? `+${change.entry.key}=${change.entry.value}` : `-${change.key}`,
  )
  return `${revision}: ${words.join(' ')}`
}
