import { type Static, Type } from 'typebox'

/** An OVSDB value on the wire: an atom, `["uuid", …]`, `["set", […]]` or `["map", […]]` (RFC 7047 section 5.1). */
export type OvsdbValue = string | number | boolean | [string, unknown]

/** A row, or the columns of one that are given. */
export type Row = Record<string, OvsdbValue>

/** `[column, function, value]` */
export type Condition = [string, '==' | '!=' | 'includes' | 'excludes', OvsdbValue]

/** The operations of a transaction that we use (RFC 7047 section 5.2). */
export type Operation =
  | { op: 'select'; table: string; where: Condition[]; columns: string[] }
  | { op: 'insert'; table: string; row: Row; 'uuid-name'?: string }
  | { op: 'update'; table: string; where: Condition[]; row: Row }
  | { op: 'mutate'; table: string; where: Condition[]; mutations: [string, 'insert' | 'delete' | '+=', OvsdbValue][] }
  | {
      op: 'wait'
      table: string
      where: Condition[]
      columns: string[]
      until: '==' | '!='
      rows: Row[]
      /** Milliseconds; 0 asks once. */
      timeout: number
    }

const Id = Type.Union([Type.String(), Type.Number(), Type.Null()])

/** A message of the server: an answer (with `result`), or a request or notification of its own (with `method`). */
export const ServerMessage = Type.Object({
  id: Type.Optional(Id),
  method: Type.Optional(Type.String()),
  params: Type.Optional(Type.Array(Type.Unknown())),
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
})
export type ServerMessage = Static<typeof ServerMessage>

/** The answer to one operation of a transaction; those after a failed one are null. */
export const OperationResult = Type.Union([
  Type.Null(),
  Type.Object({
    error: Type.Optional(Type.String()),
    details: Type.Optional(Type.String()),
    rows: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    count: Type.Optional(Type.Integer()),
    uuid: Type.Optional(Type.Tuple([Type.Literal('uuid'), Type.String()])),
  }),
])
export type OperationResult = Static<typeof OperationResult>
export const TransactionResult = Type.Array(OperationResult)
