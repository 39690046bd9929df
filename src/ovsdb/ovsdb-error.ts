/** What went wrong, for code that must tell a server that is away from an operation that it refused. */
export type OvsdbFailure = 'unreachable' | 'lost' | 'deadline' | 'refused' | 'wait-timed-out' | 'malformed'

/** Any failure of an OVSDB call: what was expected, what came and, where it is known, what to do. */
export class OvsdbError extends Error {
  override readonly name = 'OvsdbError'
  readonly failure: OvsdbFailure
  /** Of the operation that failed, counted from 0; `undefined` when it is not a certain one. */
  readonly operation: number | undefined

  constructor(failure: OvsdbFailure, message: string, options: ErrorOptions & { operation?: number } = {}) {
    super(message, options)
    this.failure = failure
    this.operation = options.operation
  }
}

/** True if `error` is an {@link OvsdbError} of this kind. */
export function ovsdbFailedBecause(error: unknown, failure: OvsdbFailure): error is OvsdbError {
  return error instanceof OvsdbError && error.failure === failure
}
