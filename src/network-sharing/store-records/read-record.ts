import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { HostRecord, MAX_RECORD_BYTES, Member, SharedNetwork, Tombstone } from '../shared-network.ts'

/** The readers of each kind of record. Each throws an Error saying what it expected: other programs may write there too. */
export const readRecord = {
  network: reader('a shared network', SharedNetwork),
  member: reader('a member', Member),
  tombstone: reader('a tombstone', Tombstone),
  host: reader('a host', HostRecord),
}

function reader<Schema extends TSchema>(what: string, schema: Schema): (text: string) => Static<Schema> {
  const validator = Compile(schema)
  return text => {
    const bytes = Buffer.byteLength(text)
    if (bytes > MAX_RECORD_BYTES) throw new Error(`expected at most ${MAX_RECORD_BYTES} bytes, got ${bytes}`)
    const value = parse(text)
    if (validator.Check(value)) return value
    const [first] = validator.Errors(value)
    throw new Error(`expected ${what} of version 1: ${first ? `${first.instancePath || 'it'} ${first.message}` : ''}`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`expected JSON, got ${JSON.stringify(text.slice(0, 40))}`)
  }
}
