/** What went wrong, for code that must tell "already there" from "not allowed". */
export type HostNetworkFailure =
  | 'exists'
  | 'absent'
  | 'forbidden'
  | 'unsupported'
  | 'program-missing'
  | 'deadline'
  | 'aborted'
  | 'invalid-argument'
  | 'other'

/** Any failure of the host's network: what was tried, what the kernel said and, where it is known, what to do. */
export class HostNetworkError extends Error {
  readonly failure: HostNetworkFailure

  constructor(failure: HostNetworkFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HostNetworkError'
    this.failure = failure
  }
}

/** True if `error` is a {@link HostNetworkError} of this kind. */
export function failedBecause(error: unknown, failure: HostNetworkFailure): boolean {
  return error instanceof HostNetworkError && error.failure === failure
}
