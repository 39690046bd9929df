import { addressText, type EngineAddress } from './engine-address.ts'

/** The engine cannot be asked, or went away while it was asked. The message says what to check. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError'
  /** `not-done`: the engine certainly did not do it. `unknown`: it may have. */
  readonly outcome: 'not-done' | 'unknown'

  constructor(message: string, options: ErrorOptions & { outcome?: 'not-done' | 'unknown' } = {}) {
    super(message, options)
    this.outcome = options.outcome ?? 'not-done'
  }
}

/** What each failure of a connection means to whoever has to mend it; none of these happens once a request is sent. */
const beforeSending: Record<string, string> = {
  ENOENT: 'there is no such socket or file: is Docker installed and running (`systemctl status docker`)?',
  ENOTDIR: 'there is no such socket: is the path right?',
  ECONNREFUSED: 'nobody listens there: is dockerd running (`systemctl status docker`)?',
  EACCES: 'permission denied: kuryr must run as root, or in the group of the socket',
  ENOTSOCK: 'that is no socket: is the path right?',
  ENOTFOUND: 'the name is not known: check the address and the DNS of this host',
  EAI_AGAIN: 'the name cannot be looked up now: check the DNS of this host',
  EHOSTUNREACH: 'there is no route to it: check the address and the network',
  ENETUNREACH: 'there is no route to it: check the address and the network',
  ETIMEDOUT: 'it did not take the connection: check the address and firewalls',
  UND_ERR_CONNECT_TIMEOUT: 'it did not take the connection in time: does dockerd hang (see its log)?',
  EPROTO: 'TLS failed: does it speak TLS at that port?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS failed: does it speak TLS at that port?',
}

/** Failures of certificates have many codes: `CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID` … */
const certificateTrouble = /CERT|UNABLE_TO_|^ERR_OSSL|^ERR_TLS/

/** Translates what the transport threw. `what` says what was being asked: it begins the message. */
export function toEngineUnavailable(error: unknown, what: string, address: EngineAddress): EngineUnavailableError {
  if (error instanceof EngineUnavailableError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause ? String(cause.code) : ''
  const at = addressText(address)
  const known = beforeSending[code]
  if (known !== undefined) return new EngineUnavailableError(`${what} at ${at}: ${known} (${cause.message})`, { cause })
  if (certificateTrouble.test(code)) {
    const advice = "check the authority, certificate and key, and that the certificate is for this host's name"
    return new EngineUnavailableError(`${what} at ${at}: TLS failed: ${cause.message}: ${advice}`, { cause })
  }
  const advice = 'the connection broke; is dockerd being restarted (see its log)?'
  return new EngineUnavailableError(`${what} at ${at}: ${advice} (${cause.message})`, { cause, outcome: 'unknown' })
}
