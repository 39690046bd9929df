import { type TSchema, type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Agent, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'

/** Version of the records that this release writes and reads. */
export const schemaVersion = 1

/** How a value is kept in the store: `write` names the transaction that wrote it, so that its author can know it again. */
export interface Envelope<T> {
  schema: typeof schemaVersion
  write: string
  data: T
}

export const AddressClaim = Type.Object({
  port: Type.String(),
  /** Whether the service chose the address (true) or its caller asked for it. */
  chosen: Type.Boolean(),
})
export type AddressClaim = Static<typeof AddressClaim>

/** A subnet (in `network-subnets/…`) or an allocation (in `pool-prefixes/…`). */
export const SubnetPrefix = Type.Object({ id: Type.String(), cidr: Type.String() })
export type SubnetPrefix = Static<typeof SubnetPrefix>

const Heartbeat = Type.Object({ at: Type.String() })

const decoders = {
  networks: decoder(Network),
  subnets: decoder(Subnet),
  subnetpools: decoder(SubnetPool),
  ports: decoder(Port),
  agents: decoder(Agent),
  addresses: decoder(AddressClaim),
  prefixes: decoder(Type.Array(SubnetPrefix)),
  owner: decoder(Type.String()),
  heartbeat: decoder(Heartbeat),
}

/** The readers of each kind of record. Each throws an Error saying what it expected. */
export const decode = decoders

export function encode(data: unknown, write: string): string {
  return JSON.stringify({ schema: schemaVersion, write, data } satisfies Envelope<unknown>)
}

/** The `write` of a stored value, or `undefined` if it is not one of ours. */
export function writeOf(value: string): string | undefined {
  try {
    const envelope: unknown = JSON.parse(value)
    return isEnvelope(envelope) ? envelope.write : undefined
  } catch {
    return undefined
  }
}

function decoder<S extends TSchema>(schema: S): (value: string) => Static<S> {
  const validator = Compile(schema)
  return value => {
    const envelope: unknown = JSON.parse(value)
    if (!isEnvelope(envelope)) throw new Error(`expected a record of schema ${schemaVersion}`)
    const { data } = envelope
    if (validator.Check(data)) return deepFreeze(data)
    const [first] = validator.Errors(data)
    throw new Error(`expected ${first?.instancePath ?? ''} to be right: ${first?.message ?? 'unknown'}`)
  }
}

function isEnvelope(value: unknown): value is Envelope<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { schema, write } = value as Partial<Record<keyof Envelope<unknown>, unknown>>
  return schema === schemaVersion && typeof write === 'string'
}

/** Many readers share one record of the replica: nobody may change it. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
