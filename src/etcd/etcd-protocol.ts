import { fromJSON, type MethodDefinition } from '@grpc/proto-loader'

/**
 * The part of etcd's v3 protocol that is used here. Source: etcd's `api/etcdserverpb/rpc.proto` and
 * `api/mvccpb/kv.proto` (unchanged since 3.4); fields that are not used are left out. Keys and values are `bytes` there
 * and `string` here, which is the same on the wire: everything stored here is UTF-8 text. 64-bit numbers are given as
 * decimal text.
 */
const protocol: Record<string, Service | Message> = {
  KV: service({ Range: 'Range', Txn: 'Txn', Compact: 'Compaction' }),
  Watch: service({ Watch: 'Watch' }),
  Lease: service({ LeaseGrant: 'LeaseGrant', LeaseRevoke: 'LeaseRevoke', LeaseKeepAlive: 'LeaseKeepAlive' }),
  Auth: service({ Authenticate: 'Authenticate' }),
  Maintenance: service({ Status: 'Status' }),
  ResponseHeader: message({ cluster_id: ['uint64', 1], member_id: ['uint64', 2], revision: ['int64', 3] }),
  KeyValue: message({
    key: ['string', 1],
    create_revision: ['int64', 2],
    mod_revision: ['int64', 3],
    value: ['string', 5],
    lease: ['int64', 6],
  }),
  RangeRequest: message({
    key: ['string', 1],
    range_end: ['string', 2],
    limit: ['int64', 3],
    revision: ['int64', 4],
    count_only: ['bool', 9],
  }),
  RangeResponse: message({ header: ['ResponseHeader', 1], kvs: ['KeyValue', 2, 'repeated'], more: ['bool', 3] }),
  PutRequest: message({ key: ['string', 1], value: ['string', 2], lease: ['int64', 3] }),
  DeleteRangeRequest: message({ key: ['string', 1], range_end: ['string', 2] }),
  RequestOp: message({ request_put: ['PutRequest', 2], request_delete_range: ['DeleteRangeRequest', 3] }),
  // `result` 0 is EQUAL, 3 is NOT_EQUAL; `target` 1 is CREATE, 2 is MOD.
  Compare: message({
    result: ['int32', 1],
    target: ['int32', 2],
    key: ['string', 3],
    create_revision: ['int64', 5],
    mod_revision: ['int64', 6],
    range_end: ['string', 64],
  }),
  TxnRequest: message({ compare: ['Compare', 1, 'repeated'], success: ['RequestOp', 2, 'repeated'] }),
  TxnResponse: message({ header: ['ResponseHeader', 1], succeeded: ['bool', 2] }),
  CompactionRequest: message({ revision: ['int64', 1], physical: ['bool', 2] }),
  CompactionResponse: message({ header: ['ResponseHeader', 1] }),
  WatchRequest: message({ create_request: ['WatchCreateRequest', 1] }),
  WatchCreateRequest: message({
    key: ['string', 1],
    range_end: ['string', 2],
    start_revision: ['int64', 3],
    progress_notify: ['bool', 4],
  }),
  // `type` 0 is PUT, 1 is DELETE.
  Event: message({ type: ['int32', 1], kv: ['KeyValue', 2] }),
  WatchResponse: message({
    header: ['ResponseHeader', 1],
    created: ['bool', 3],
    canceled: ['bool', 4],
    compact_revision: ['int64', 5],
    cancel_reason: ['string', 6],
    events: ['Event', 11, 'repeated'],
  }),
  LeaseGrantRequest: message({ TTL: ['int64', 1], ID: ['int64', 2] }),
  LeaseGrantResponse: message({ header: ['ResponseHeader', 1], ID: ['int64', 2], TTL: ['int64', 3] }),
  LeaseRevokeRequest: message({ ID: ['int64', 1] }),
  LeaseRevokeResponse: message({ header: ['ResponseHeader', 1] }),
  LeaseKeepAliveRequest: message({ ID: ['int64', 1] }),
  LeaseKeepAliveResponse: message({ header: ['ResponseHeader', 1], ID: ['int64', 2], TTL: ['int64', 3] }),
  AuthenticateRequest: message({ name: ['string', 1], password: ['string', 2] }),
  AuthenticateResponse: message({ header: ['ResponseHeader', 1], token: ['string', 2] }),
  StatusRequest: message({}),
  StatusResponse: message({
    header: ['ResponseHeader', 1],
    version: ['string', 2],
    dbSize: ['int64', 3],
    leader: ['uint64', 4],
    errors: ['string', 8, 'repeated'],
  }),
}

type Fields = Record<string, [type: string, id: number, rule?: 'repeated']>

interface Message {
  fields: Record<string, { type: string; id: number; rule?: string }>
}

function message(fields: Fields): Message {
  const entries = Object.entries(fields).map(
    ([name, [type, id, rule]]) => [name, rule === undefined ? { type, id } : { type, id, rule }] as const,
  )
  return { fields: Object.fromEntries(entries) }
}

interface Service {
  methods: Record<string, { requestType: string; responseType: string; comment: string }>
}

function service(methods: Record<string, string>): Service {
  const entries = Object.entries(methods).map(
    ([name, type]) => [name, { requestType: `${type}Request`, responseType: `${type}Response`, comment: '' }] as const,
  )
  return { methods: Object.fromEntries(entries) }
}

const definitions = fromJSON(
  { nested: { etcdserverpb: { nested: protocol } } },
  { keepCase: true, longs: String, defaults: true, arrays: true },
)

/** What every answer begins with. */
export interface ResponseHeader {
  cluster_id: string
  member_id: string
  /** The key space's revision when the answer was made. */
  revision: string
}

export interface KeyValue {
  key: string
  create_revision: string
  /** The revision of the key's last change. */
  mod_revision: string
  value: string
  lease: string
}

export interface RangeRequest {
  key: string
  range_end?: string
  limit?: number
  /** Read as of this revision; 0 or none is now. */
  revision?: number
  count_only?: boolean
}

export interface RangeResponse {
  header: ResponseHeader
  kvs: KeyValue[]
  more: boolean
}

export interface Compare {
  /** 1: creation revision, 2: modification revision. */
  target: 1 | 2
  /** 0 or none: equal, 3: not equal. */
  result?: 0 | 3
  key: string
  range_end?: string
  create_revision?: number
  mod_revision?: number
}

export type RequestOp =
  | { request_put: { key: string; value: string; lease?: string } }
  | { request_delete_range: { key: string; range_end?: string } }

export interface TxnRequest {
  compare: Compare[]
  success: RequestOp[]
}

export interface TxnResponse {
  header: ResponseHeader
  succeeded: boolean
}

export interface WatchRequest {
  create_request: { key: string; range_end?: string; start_revision: number; progress_notify: boolean }
}

export interface Event {
  /** 0: put, 1: delete. */
  type: number
  kv: KeyValue
}

export interface WatchResponse {
  header: ResponseHeader
  created: boolean
  canceled: boolean
  compact_revision: string
  cancel_reason: string
  events: Event[]
}

export interface StatusResponse {
  header: ResponseHeader
  version: string
  dbSize: string
  /** The leader's member id; `0`: there is none. */
  leader: string
  errors: string[]
}

/** One call of the protocol: where it is served, and how its messages become bytes. */
export interface Method<Request, Response> {
  path: string
  encode: (request: Request) => Buffer
  decode: (bytes: Buffer) => Response
}

export const rangeMethod = method<RangeRequest, RangeResponse>('KV', 'Range')
export const txnMethod = method<TxnRequest, TxnResponse>('KV', 'Txn')
export const compactMethod = method<{ revision: number; physical: boolean }, { header: ResponseHeader }>(
  'KV',
  'Compact',
)
export const watchMethod = method<WatchRequest, WatchResponse>('Watch', 'Watch')
export const leaseGrantMethod = method<{ TTL: number }, { ID: string; TTL: string }>('Lease', 'LeaseGrant')
export const leaseRevokeMethod = method<{ ID: string }, { header: ResponseHeader }>('Lease', 'LeaseRevoke')
export const leaseKeepAliveMethod = method<{ ID: string }, { ID: string; TTL: string }>('Lease', 'LeaseKeepAlive')
export const authenticateMethod = method<{ name: string; password: string }, { token: string }>('Auth', 'Authenticate')
export const statusMethod = method<object, StatusResponse>('Maintenance', 'Status')

/** The loader knows the messages only by name; the types above are held to the wire by the tests on a real etcd. */
function method<Request, Response>(serviceName: string, name: string): Method<Request, Response> {
  const definition = definitions[`etcdserverpb.${serviceName}`] as Record<string, MethodDefinition<object, object>>
  const found = definition[name]
  if (found === undefined) throw new TypeError(`etcdserverpb.${serviceName} has no method ${name}`)
  return {
    path: found.path,
    encode: found.requestSerialize as (request: Request) => Buffer,
    decode: found.responseDeserialize as (bytes: Buffer) => Response,
  }
}
