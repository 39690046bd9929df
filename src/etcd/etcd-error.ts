import { status } from '@grpc/grpc-js'

/** What went wrong with a call to etcd, in the words that callers act upon. */
export type EtcdErrorCode =
  | 'unavailable'
  | 'deadline'
  | 'aborted'
  | 'closed'
  | 'token-invalid'
  | 'authentication'
  | 'permission'
  | 'compacted'
  | 'lease-not-found'
  | 'too-large'
  | 'no-space'
  | 'invalid'
  | 'other'

/** The one error of the etcd client. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError'
  readonly code: EtcdErrorCode
  /** Whether the same call may succeed a little later, or at another member. */
  readonly retryable: boolean
  /** `not-done`: etcd certainly did not do it. `unknown`: it may have. */
  readonly outcome: 'not-done' | 'unknown'

  constructor(code: EtcdErrorCode, message: string, options: ErrorOptions & { outcome?: 'not-done' | 'unknown' } = {}) {
    super(message, options)
    this.code = code
    this.retryable = code === 'unavailable' || code === 'deadline' || code === 'token-invalid'
    this.outcome = options.outcome ?? 'not-done'
  }
}

/** The answer, by gRPC status and etcd's text, as `api/v3rpc/rpctypes/error.go` pairs them. First match counts. */
const table: readonly { status: number; text: RegExp; code: EtcdErrorCode; outcome: 'not-done' | 'unknown' }[] = [
  { status: status.CANCELLED, text: /./, code: 'aborted', outcome: 'unknown' },
  { status: status.DEADLINE_EXCEEDED, text: /Waiting for LB pick/, code: 'deadline', outcome: 'not-done' },
  { status: status.DEADLINE_EXCEEDED, text: /./, code: 'deadline', outcome: 'unknown' },
  {
    status: status.UNAVAILABLE,
    text: /^No connection established|^Name resolution failed/,
    code: 'unavailable',
    outcome: 'not-done',
  },
  { status: status.UNAVAILABLE, text: /etcdserver: no leader/, code: 'unavailable', outcome: 'not-done' },
  { status: status.UNAVAILABLE, text: /./, code: 'unavailable', outcome: 'unknown' },
  { status: status.NOT_FOUND, text: /requested lease not found/, code: 'lease-not-found', outcome: 'not-done' },
  { status: status.OUT_OF_RANGE, text: /compacted/, code: 'compacted', outcome: 'not-done' },
  { status: status.UNAUTHENTICATED, text: /./, code: 'token-invalid', outcome: 'not-done' },
  {
    status: status.INVALID_ARGUMENT,
    text: /auth store is old|user name is empty/,
    code: 'token-invalid',
    outcome: 'not-done',
  },
  { status: status.INVALID_ARGUMENT, text: /authentication failed/, code: 'authentication', outcome: 'not-done' },
  { status: status.INVALID_ARGUMENT, text: /too large|too many operations/, code: 'too-large', outcome: 'not-done' },
  { status: status.INVALID_ARGUMENT, text: /./, code: 'invalid', outcome: 'not-done' },
  { status: status.PERMISSION_DENIED, text: /./, code: 'permission', outcome: 'not-done' },
  { status: status.RESOURCE_EXHAUSTED, text: /space exceeded/, code: 'no-space', outcome: 'not-done' },
  { status: status.RESOURCE_EXHAUSTED, text: /too many requests/, code: 'unavailable', outcome: 'not-done' },
  { status: status.RESOURCE_EXHAUSTED, text: /./, code: 'too-large', outcome: 'unknown' },
  // A stream that the other side broke off, and Go's own errors that etcd hands through.
  { status: status.INTERNAL, text: /./, code: 'unavailable', outcome: 'unknown' },
  { status: status.UNKNOWN, text: /./, code: 'unavailable', outcome: 'unknown' },
]

/** Translates what gRPC threw. `what` says what was being done, at which endpoint: it begins the message. */
export function toEtcdError(error: unknown, what: string): EtcdError {
  if (error instanceof EtcdError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const grpcStatus = 'code' in cause ? Number(cause.code) : status.UNKNOWN
  const text = 'details' in cause && cause.details !== '' ? String(cause.details) : cause.message
  const row = table.find(entry => entry.status === grpcStatus && entry.text.test(text))
  return new EtcdError(row?.code ?? 'other', `${what}: ${text}`, { cause, outcome: row?.outcome ?? 'unknown' })
}
