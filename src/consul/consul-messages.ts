import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { ConsulError } from './consul-error.ts'

/** An entry of the key-value store, with its value in base64. Source: Consul's HTTP API, `/v1/kv`. */
const KeyValue = Type.Object({
  Key: Type.String(),
  Value: Type.Union([Type.String(), Type.Null()]),
  ModifyIndex: Type.Integer(),
})
export type KeyValue = Static<typeof KeyValue>

/** The answer to a transaction, whether it was done (200) or not (409). Source: Consul's HTTP API, `/v1/txn`. */
const TransactionAnswer = Type.Object({
  Results: Type.Union([
    Type.Array(Type.Object({ KV: Type.Object({ Key: Type.String(), ModifyIndex: Type.Integer() }) })),
    Type.Null(),
  ]),
  Errors: Type.Union([Type.Array(Type.Object({ OpIndex: Type.Integer(), What: Type.String() })), Type.Null()]),
})
export type TransactionAnswer = Static<typeof TransactionAnswer>

/** The readers. Each throws {@link ConsulError} for an answer that is not Consul's. */
export const decode = {
  keyValues: decoder(Type.Array(KeyValue)),
  keys: decoder(Type.Array(Type.String())),
  transaction: decoder(TransactionAnswer),
  session: decoder(Type.Object({ ID: Type.String({ minLength: 1 }) })),
}

function decoder<S extends TSchema>(schema: S): (body: Buffer, what: string) => Static<S> {
  const validator = Compile(schema)
  return (body, what) => {
    let value: unknown
    try {
      value = JSON.parse(body.toString())
    } catch {
      value = undefined
    }
    if (validator.Check(value)) return value
    const got = JSON.stringify(body.toString().slice(0, 100))
    throw new ConsulError(`${what}: expected an answer of Consul, got ${got}`, { outcome: 'unknown', retryable: true })
  }
}
