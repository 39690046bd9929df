import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeLockHolder } from './lock-holder.ts'

/** The file cannot serve as the store: held by another process, damaged, of another program or of a newer version. */
export class StoreFileError extends Error {
  override readonly name = 'StoreFileError'
}

/** `kury` in ASCII, in SQLite's `application_id`: tells our files from other programs' databases. */
const applicationId = 0x6b757279
const schemaVersion = 1

const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('revision', 1), ('last-lease', 0);
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, mod_revision INTEGER NOT NULL, lease INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_of_lease ON entry (lease) WHERE lease IS NOT NULL;
  CREATE TABLE lease (id INTEGER PRIMARY KEY, ttl_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`

/**
 * Opens or creates the database for this process alone. What was committed outlives a loss of power: the write-ahead
 * log is synced at every commit (`synchronous = FULL`). A file that is refused is left as it was.
 * @throws {StoreFileError} naming the file, the reason and what to do.
 */
export function openDatabaseFile(path: string): DatabaseSync {
  const file = resolve(path)
  createFile(file)
  if (statSync(file).size > 0) inspect(file)
  return guard(file, () => new DatabaseSync(file), prepare)
}

function createFile(file: string): void {
  const directory = dirname(file)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    if (existsSync(file)) return
    closeSync(openSync(file, 'a', 0o600))
    const descriptor = openSync(directory, 'r')
    // The name of the file must outlive a loss of power as its content does.
    fsyncSync(descriptor)
    closeSync(descriptor)
  } catch (error) {
    throw new StoreFileError(`the store's file ${file} cannot be created: ${messageOf(error)}`, { cause: error })
  }
}

/** Read-only, so that a file that is not ours to write is not written. */
function inspect(file: string): void {
  const database = guard(
    file,
    () => new DatabaseSync(file, { readOnly: true }),
    database => {
      const application = pragma(database, 'application_id')
      const version = pragma(database, 'user_version')
      const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count
      // A process that died while it created the file leaves a database without tables.
      if (application !== applicationId && tables !== 0) {
        throw new StoreFileError(`${file} is the database of another program: name another file for the store`)
      }
      if (Number(version) > schemaVersion) {
        throw new StoreFileError(
          `${file} has version ${String(version)}, this program knows versions up to ${schemaVersion}: install the newer program`,
        )
      }
      const verdict = pragma(database, 'quick_check(1)')
      if (verdict !== 'ok') throw damaged(file, String(verdict))
    },
  )
  database.close()
}

function prepare(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  // Takes the lock now, not at the first write: a second process must hear of it when it starts.
  database.exec('BEGIN EXCLUSIVE')
  if (pragma(database, 'user_version') === 0) database.exec(schema)
  database.exec('COMMIT')
}

function guard(file: string, open: () => DatabaseSync, use: (database: DatabaseSync) => void): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = open()
    use(database)
    return database
  } catch (error) {
    if (database?.isOpen) database.close()
    throw explain(file, error)
  }
}

/** Codes: sqlite.org/rescode.html; the low byte is the primary one. */
function explain(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const code = Number(error.errcode) & 0xff
  if (code === 5 || code === 6) {
    const holder = describeLockHolder(file) ?? 'another process'
    return new StoreFileError(`${file} is in use by ${holder}: stop that one, or name another file for the store`, {
      cause: error,
    })
  }
  if (code === 11 || code === 26) return damaged(file, error.message)
  return new StoreFileError(`the store's file ${file} cannot be opened: ${error.message}`, { cause: error })
}

function damaged(file: string, reason: string): StoreFileError {
  return new StoreFileError(
    `${file} is damaged or no database (${reason}): restore a copy, or move it away to begin anew`,
  )
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
