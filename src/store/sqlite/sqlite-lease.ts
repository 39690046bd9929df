import { StoreRequestError } from '../request-check.ts'
import type { Lease } from '../store.ts'

/** A lease of this process in the SQLite store. It is never lost: the file is this process's alone. */
export class SqliteLease implements Lease {
  readonly id: string
  readonly lost: AbortSignal = new AbortController().signal
  readonly #end: () => Promise<void>

  /** @param end revokes the row `rowId`; called for every `end()`. */
  constructor(rowId: number, end: () => Promise<void>) {
    this.id = String(rowId)
    this.#end = end
  }

  end(): Promise<void> {
    return this.#end()
  }
}

/**
 * The row of a lease that is still held.
 * @throws {StoreRequestError} for one that has ended, or of another store.
 */
export function leaseRow(lease: Lease | undefined, held: ReadonlySet<number>): number | undefined {
  if (lease === undefined) return undefined
  const row = Number(lease.id)
  if (lease instanceof SqliteLease && held.has(row)) return row
  throw new StoreRequestError(`lease ${lease.id} has ended, or is of another store: grant a new one`)
}
