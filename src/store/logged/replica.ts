import { DatabaseSync } from 'node:sqlite'
import { EntryTable } from '../entry-table.ts'
import type { Batch, Change, Condition, Entry, Operation } from '../store.ts'
import type { LogRecord, LoggedChange, Snapshot } from './records.ts'

const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, mod_revision INTEGER NOT NULL, lease TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_of_lease ON entry (lease) WHERE lease IS NOT NULL;
`

/** A put with its lease's id, or a deletion: an operation of the store with its leases resolved. */
export type PlannedOperation = { put: string; value: string; lease?: string } | Exclude<Operation, { put: string }>

/** All entries as of one revision, in memory, in the same tables as those of the SQLite store. */
export class Replica {
  readonly #database = new DatabaseSync(':memory:')
  readonly #entries: EntryTable
  #revision: number
  #record: string

  /** @param record the id of the last record that `snapshot` contains; empty for a store without one. */
  constructor({ revision, record, snapshot }: { revision: number; record: string; snapshot: Snapshot }) {
    this.#database.exec(schema)
    this.#entries = new EntryTable(this.#database)
    this.#revision = revision
    this.#record = record
    this.#database.exec('BEGIN')
    for (const { key, value, modRevision, lease } of snapshot) {
      this.#entries.put({ key, value, lease, revision: modRevision })
    }
    this.#database.exec('COMMIT')
  }

  get revision(): number {
    return this.#revision
  }

  /** The id of the last record that was applied. */
  get record(): string {
    return this.#record
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  range(prefix: string): Entry[] {
    return this.#entries.range(prefix)
  }

  /** Takes back, in the end, what `act` does by {@link rehearseChanges}. */
  rehearse(act: () => void): void {
    this.#tryOut(act)
  }

  /** In a rehearsal: what is planned next is planned on these. */
  rehearseChanges(changes: readonly LoggedChange[], revision: number): void {
    for (const change of changes) this.#apply(change, revision)
  }

  /** What a transaction would change, without changing it; `undefined` when a condition does not hold. */
  plan(when: readonly Condition[], then: readonly PlannedOperation[]): LoggedChange[] | undefined {
    if (!when.every(condition => this.#entries.holds(condition))) return undefined
    return this.#tryOut(() => then.flatMap(operation => this.#changesOf(operation)))
  }

  /** What the end of a lease would change. */
  planLeaseEnd(lease: string): LoggedChange[] {
    return this.#tryOut(() => deletions(this.#entries.deleteOfLease(lease, this.#revision)))
  }

  /** Whether `record` is the one that comes next. */
  isNext({ revision, previous }: LogRecord): boolean {
    return revision === this.#revision + 1 && previous === this.#record
  }

  /** Takes the record that comes next. */
  apply({ revision, id, changes }: LogRecord): Batch {
    this.#database.exec('BEGIN')
    const made = changes.flatMap(change => this.#apply(change, revision))
    this.#database.exec('COMMIT')
    this.#revision = revision
    this.#record = id
    return { revision, changes: made }
  }

  snapshot(): Snapshot {
    const rows = this.#database.prepare('SELECT key, value, mod_revision, lease FROM entry').all()
    return rows.map(row => ({
      key: String(row.key),
      value: String(row.value),
      modRevision: Number(row.mod_revision),
      ...(typeof row.lease === 'string' && { lease: row.lease }),
    }))
  }

  /** The leases that entries hang on. */
  leases(): string[] {
    const rows = this.#database.prepare('SELECT DISTINCT lease FROM entry WHERE lease IS NOT NULL').all()
    return rows.map(row => String(row.lease))
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #apply(change: LoggedChange, revision: number): Change[] {
    if ('delete' in change) return this.#entries.delete(change.delete, revision)
    return [this.#entries.put({ key: change.put, value: change.value, lease: change.lease, revision })]
  }

  #changesOf(operation: PlannedOperation): LoggedChange[] {
    if ('put' in operation) return [operation]
    if ('delete' in operation) return deletions(this.#entries.delete(operation.delete, this.#revision))
    return deletions(this.#entries.deletePrefix(operation.deletePrefix, this.#revision))
  }

  #tryOut<T>(act: () => T): T {
    this.#database.exec('SAVEPOINT trial')
    try {
      return act()
    } finally {
      this.#database.exec('ROLLBACK TO trial; RELEASE trial')
    }
  }
}

function deletions(changes: readonly Change[]): LoggedChange[] {
  return changes.flatMap(change => (change.type === 'delete' ? [{ delete: change.key }] : []))
}
