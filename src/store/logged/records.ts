import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** Version of what this release writes and reads. */
export const formatVersion = 1

const Revision = Type.Integer({ minimum: 1 })

/** One change of a record; a put without a lease stays. */
const LoggedChange = Type.Union([
  Type.Object({ put: Type.String(), value: Type.String(), lease: Type.Optional(Type.String()) }),
  Type.Object({ delete: Type.String() }),
])
export type LoggedChange = Static<typeof LoggedChange>

/** One revision: all that changed. */
const LogRecord = Type.Object({
  revision: Revision,
  id: Type.String(),
  /** The id of the record before it: two histories that were mixed up are told by it. */
  previous: Type.String(),
  changes: Type.Array(LoggedChange),
})
export type LogRecord = Static<typeof LogRecord>

/** Stands for a record that is too large for one piece: its JSON is that of the pieces `name-0` … together. */
const RecordInPieces = Type.Object({ name: Type.String(), pieces: Type.Integer({ minimum: 1 }) })
export type RecordInPieces = Static<typeof RecordInPieces>

const SnapshotPointer = Type.Object({
  revision: Revision,
  /** The id of the last record in it. */
  record: Type.String(),
  name: Type.String(),
  pieces: Type.Integer({ minimum: 1 }),
})

/** The one thing that is compared and set. */
const Head = Type.Object({
  format: Type.Literal(formatVersion),
  /** Names this store since its making. */
  store: Type.String(),
  revision: Revision,
  /** The id of the last record; empty when there was none yet. */
  record: Type.String(),
  /** Every record from this revision on is there. */
  oldest: Revision,
  /** All entries as of a revision from `oldest - 1` on; `null`: the records alone tell all. */
  snapshot: Type.Union([SnapshotPointer, Type.Null()]),
  /** The last records themselves, as far as they are small: who follows the log closely need not read them one by one. */
  latest: Type.Array(LogRecord),
})
export type Head = Static<typeof Head>

/** All entries: key, value, revision of the last change, and perhaps a lease. */
const Snapshot = Type.Array(
  Type.Object({
    key: Type.String(),
    value: Type.String(),
    modRevision: Revision,
    lease: Type.Optional(Type.String()),
  }),
)
export type Snapshot = Static<typeof Snapshot>

/** What lies in the server is not what this release writes: of a newer one, or of somebody else. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError'
}

/** The readers. Each throws {@link UnreadableRecordError} naming what it read. */
export const decode = {
  head: decoder(Head),
  snapshot: decoder(Snapshot),
  record: decoder(Type.Union([LogRecord, RecordInPieces])),
  wholeRecord: decoder(LogRecord),
}

export function encode(value: Head | LogRecord | RecordInPieces | Snapshot): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function decoder<S extends TSchema>(schema: S): (bytes: Buffer, what: string) => Static<S> {
  const validator = Compile(schema)
  return (bytes, what) => {
    let value: unknown
    try {
      value = JSON.parse(bytes.toString())
    } catch (cause) {
      throw new UnreadableRecordError(`${what} is no JSON: is it another program's, or damaged?`, { cause })
    }
    if (validator.Check(value)) return value
    const [first] = validator.Errors(value)
    const why = `${first?.instancePath ?? ''} ${first?.message ?? 'is not as expected'}`.trim()
    throw new UnreadableRecordError(`${what} is not of format ${formatVersion}, which this release reads: ${why}`)
  }
}
