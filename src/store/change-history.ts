import { StoreCompactedError, StoreUnavailableError, type Batch } from './store.ts'

/**
 * The latest revisions' changes, in memory, and those who watch them. A watcher keeps only its place in the history, so
 * a slow one costs nothing; when its place has been dropped it gets {@link StoreCompactedError}.
 */
export class ChangeHistory {
  readonly #limit: number
  readonly #sleepers = new Set<() => void>()
  #batches: Batch[] = []
  /** Every change after this revision is in `#batches`. */
  #start: number
  #ended: Error | undefined

  /** @param limit how many revisions to keep, at least. */
  constructor(startRevision: number, limit: number) {
    this.#start = startRevision
    this.#limit = limit
  }

  /** Takes the changes of the revision that follows the last one, and wakes the watchers. */
  append(batch: Batch): void {
    this.#batches.push(batch)
    // In large steps: dropping one element at a time would copy the history for every change.
    if (this.#batches.length >= 2 * this.#limit) {
      this.#batches = this.#batches.slice(-this.#limit)
      this.#start = (this.#batches[0]?.revision ?? batch.revision) - 1
    }
    this.#wake()
  }

  /** Drops the changes up to `revision`. */
  forget(revision: number): void {
    this.#batches = this.#batches.filter(batch => batch.revision > revision)
    this.#start = Math.max(this.#start, revision)
    this.#wake()
  }

  /** Ends every watch with {@link StoreUnavailableError}. */
  close(): void {
    this.end(new StoreUnavailableError('the store was closed'))
  }

  /** Ends every watch, present and to come, with `reason`. */
  end(reason: Error): void {
    this.#ended ??= reason
    this.#wake()
  }

  /** As `Store.watch`. */
  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncGenerator<Batch, void> {
    let revision = fromRevision
    let wake: () => void = nothing
    const abort = (): void => wake()
    signal.addEventListener('abort', abort)
    try {
      while (!signal.aborted) {
        const batch = this.#after(revision)
        if (batch === undefined) {
          await new Promise<void>(resolve => this.#sleepers.add((wake = resolve)))
          this.#sleepers.delete(wake)
          continue
        }
        revision = batch.revision
        const changes = batch.changes.filter(change => keyOf(change).startsWith(prefix))
        if (changes.length > 0) yield { revision, changes }
      }
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #after(revision: number): Batch | undefined {
    if (this.#ended !== undefined) throw this.#ended
    if (revision < this.#start) {
      throw new StoreCompactedError(
        `changes after revision ${revision} were asked for, those up to ${this.#start} are forgotten: read all again`,
      )
    }
    return this.#batches[revision - this.#start]
  }

  #wake(): void {
    for (const wake of this.#sleepers) wake()
    this.#sleepers.clear()
  }
}

function keyOf(change: Batch['changes'][number]): string {
  return change.type === 'put' ? change.entry.key : change.key
}

function nothing(): void {
  // Nobody sleeps yet.
}
