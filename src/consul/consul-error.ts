/** The one error of the Consul client. */
export class ConsulError extends Error {
  override readonly name = 'ConsulError'
  /** `not-done`: Consul certainly did not do it. `unknown`: it may have. */
  readonly outcome: 'not-done' | 'unknown'
  /** Whether the same request may succeed a little later, or at another agent. */
  readonly retryable: boolean

  constructor(message: string, options: ErrorOptions & { outcome: 'not-done' | 'unknown'; retryable: boolean }) {
    super(message, options)
    this.outcome = options.outcome
    this.retryable = options.retryable
  }
}

/** Failures to connect, by undici and by the system: nothing was sent. */
const notConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Why a request got no answer. `what` says what was asked, of which agent: it begins the message. */
export function transportError(error: unknown, what: string): ConsulError {
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause ? String(cause.code) : ''
  const outcome = notConnected.has(code) || isCertificateError(code) ? 'not-done' : 'unknown'
  return new ConsulError(`${what}: ${cause.message || code}`, { cause, outcome, retryable: true })
}

/** An answer that is no success. */
export function statusError(status: number, body: string, what: string): ConsulError {
  const text = body.trim().slice(0, 300) || `status ${status}`
  const busy = status === 429 || (status >= 500 && !refused.test(text))
  return new ConsulError(`${what}: ${text}`, {
    outcome: !busy || notTried.test(text) || status === 429 ? 'not-done' : 'unknown',
    retryable: busy,
  })
}

/** Consul answers 500 also for what it will never do. */
const refused = /Permission denied|ACL not found|Invalid Session TTL|invalid session/i
const notTried = /No cluster leader|Raft leader not found/

function isCertificateError(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)
}
