/**
 * Why OpenStack could not be asked:
 * - `unreachable`: no connection, so nothing was asked;
 * - `untrusted`: TLS was not possible, so nothing was asked, and it will be the same next time;
 * - `no answer`: the deadline passed or the connection broke; what was asked may have been done;
 * - `no token`: Keystone gave none in time, so Neutron was not asked;
 * - `refused`: Keystone did not log us in;
 * - `misconfigured`: what the configuration says cannot be.
 */
export type OpenStackErrorKind = 'unreachable' | 'untrusted' | 'no answer' | 'no token' | 'refused' | 'misconfigured'

/** OpenStack could not be asked. The message names the service and what to check, and holds no secret. */
export class OpenStackError extends Error {
  override readonly name = 'OpenStackError'
  readonly kind: OpenStackErrorKind

  constructor(kind: OpenStackErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.kind = kind
  }
}
