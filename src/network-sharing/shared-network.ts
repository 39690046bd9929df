import { type Static, Type } from 'typebox'

/**
 * The records that hosts share, each one JSON value. `version` is 1; a record of another version, or one that does not
 * fit its schema, is skipped and told, never overwritten.
 */
const Version = Type.Literal(1)
const Id = Type.String({ pattern: '^[0-9a-z]{12,64}$', description: 'the id of a Docker network' })
const Name = Type.String({ minLength: 1, maxLength: 255 })
const Host = Type.String({ minLength: 1, maxLength: 255 })
/** Not `Type.String()` as name: its pattern passes over names with a line break, and their values unseen. */
const Texts = Type.Record(Type.String({ pattern: '^[^]*$' }), Type.String())
const Time = Type.String({ maxLength: 40 })

/** One `--subnet` with its `--gateway` and `--ip-range`. The auxiliary addresses are kept by the network service alone. */
export const SharedSubnet = Type.Object({
  subnet: Type.String(),
  gateway: Type.Optional(Type.String()),
  ipRange: Type.Optional(Type.String()),
})
export type SharedSubnet = Static<typeof SharedSubnet>

/** What `docker network create` was given, as the engine tells it afterwards. */
export const NetworkSpec = Type.Object({
  internal: Type.Boolean(),
  attachable: Type.Boolean(),
  /** Absent where the engine does not tell (before API 1.47): then true. */
  enableIpv4: Type.Optional(Type.Boolean()),
  enableIpv6: Type.Boolean(),
  subnets: Type.Array(SharedSubnet),
  ipamOptions: Texts,
  options: Texts,
  labels: Texts,
})
export type NetworkSpec = Static<typeof NetworkSpec>

/** A network that is on every host. `id` is its Docker id on the host where it was made. */
export const SharedNetwork = Type.Object({
  version: Version,
  id: Id,
  name: Name,
  spec: NetworkSpec,
  /** The host where it was made. */
  origin: Host,
  created: Time,
})
export type SharedNetwork = Static<typeof SharedNetwork>

/** That a host has the network, or why it has not. */
export const Member = Type.Object({
  version: Version,
  host: Host,
  /** The Docker engine's id: another one after its data were wiped. */
  engineId: Type.String(),
  /** The network's id on this host; empty when it is not there. */
  networkId: Type.String(),
  /** `cluster`: shared by dockerd's own cluster store. */
  via: Type.Union([Type.Literal('replica'), Type.Literal('cluster')]),
  /** `making`: noted before it is made, so that a tombstone waits for it. */
  state: Type.Union([
    Type.Literal('making'),
    Type.Literal('present'),
    Type.Literal('conflict'),
    Type.Literal('draining'),
  ]),
  /** For people: why it is not present, or what became of the last wish to remove it. */
  note: Type.Optional(Type.String()),
})
export type Member = Static<typeof Member>

/** Whether the host has the network, or had it when it was last heard of. */
export function hasNetwork({ state }: Pick<Member, 'state'>): boolean {
  return state === 'present' || state === 'draining'
}

/** That a network was removed on purpose: hosts that were away remove theirs when they see it. */
export const Tombstone = Type.Object({ version: Version, id: Id, name: Name, by: Host, removed: Time })
export type Tombstone = Static<typeof Tombstone>

/** A host that takes part. */
export const HostRecord = Type.Object({
  version: Version,
  host: Host,
  engineId: Type.String(),
  engineVersion: Type.String(),
  kuryrVersion: Type.String(),
  since: Time,
  /** When `kuryr host rm` told it to be gone for good. */
  removed: Type.Optional(Time),
})
export type HostRecord = Static<typeof HostRecord>

/** Bytes of JSON that a network's record may have; a network whose options and labels need more is not shared. */
export const MAX_RECORD_BYTES = 131_072
