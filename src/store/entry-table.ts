import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { prefixEnd } from './key-range.ts'
import type { Change, Condition, Entry } from './store.ts'

/** One put of a transaction; `lease` is the lease's row or name, `undefined` for an entry that stays. */
export interface Put {
  key: string
  value: string
  lease: number | string | undefined
  revision: number
}

/** The tables' statements, prepared once. Keys are whole keys, with the store's prefix. */
export class EntryTable {
  readonly #get: StatementSync
  readonly #range: StatementSync
  readonly #any: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #deleteRange: StatementSync
  readonly #ofLease: StatementSync
  readonly #number: StatementSync
  readonly #setNumber: StatementSync

  constructor(database: DatabaseSync) {
    const within = 'FROM entry WHERE key >= ? AND key < ?'
    this.#get = database.prepare('SELECT key, value, mod_revision FROM entry WHERE key = ?')
    this.#range = database.prepare(`SELECT key, value, mod_revision ${within} ORDER BY key`)
    this.#any = database.prepare(`SELECT 1 ${within} LIMIT 1`)
    this.#put = database.prepare('INSERT OR REPLACE INTO entry (key, value, mod_revision, lease) VALUES (?, ?, ?, ?)')
    this.#delete = database.prepare('DELETE FROM entry WHERE key = ?')
    this.#deleteRange = database.prepare(`DELETE ${within}`)
    this.#ofLease = database.prepare('SELECT key FROM entry WHERE lease = ? ORDER BY key')
    this.#number = database.prepare('SELECT number FROM meta WHERE name = ?')
    this.#setNumber = database.prepare('UPDATE meta SET number = ? WHERE name = ?')
  }

  get revision(): number {
    return Number(this.#number.get('revision')?.number)
  }

  set revision(revision: number) {
    this.#setNumber.run(revision, 'revision')
  }

  /** A number that no lease of this file ever had. */
  nextLease(): number {
    const id = Number(this.#number.get('last-lease')?.number) + 1
    this.#setNumber.run(id, 'last-lease')
    return id
  }

  get(key: string): Entry | undefined {
    const row = this.#get.get(key)
    return row && toEntry(row)
  }

  range(prefix: string): Entry[] {
    return this.#range.all(prefix, endOf(prefix)).map(toEntry)
  }

  holds(condition: Condition): boolean {
    if ('prefix' in condition) return this.#any.get(condition.prefix, endOf(condition.prefix)) === undefined
    const modRevision = this.get(condition.key)?.modRevision ?? 0
    return 'exists' in condition ? modRevision > 0 === condition.exists : modRevision === condition.modRevision
  }

  put({ key, value, lease, revision }: Put): Change {
    this.#put.run(key, value, revision, lease ?? null)
    return { type: 'put', entry: { key, value, modRevision: revision } }
  }

  delete(key: string, revision: number): Change[] {
    return this.#delete.run(key).changes === 0 ? [] : [{ type: 'delete', key, modRevision: revision }]
  }

  deletePrefix(prefix: string, revision: number): Change[] {
    const entries = this.range(prefix)
    if (entries.length > 0) this.#deleteRange.run(prefix, endOf(prefix))
    return entries.map(({ key }) => ({ type: 'delete', key, modRevision: revision }))
  }

  deleteOfLease(lease: number | string, revision: number): Change[] {
    return this.#ofLease.all(lease).flatMap(row => this.delete(String(row.key), revision))
  }
}

/** SQLite sorts every blob after every text: the end of a range that has none. */
function endOf(prefix: string): string | Uint8Array {
  return prefixEnd(prefix) ?? Uint8Array.of(0)
}

function toEntry(row: Record<string, SQLOutputValue>): Entry {
  return { key: String(row.key), value: String(row.value), modRevision: Number(row.mod_revision) }
}
