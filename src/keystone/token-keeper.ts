import { identityRequest } from './identity-request.ts'
import { type Catalogue, readTokenAnswer } from './catalogue.ts'
import type { Authentication } from './cloud.ts'
import type { HttpClient } from './http-client.ts'
import { OpenStackError } from './openstack-error.ts'
import { repeating } from './repeat.ts'
import { discoverVersion, identityV3 } from './version-discovery.ts'

/** A token, and what Keystone told with it. */
export interface Token {
  /** Empty where nobody asks for one. A secret. */
  id: string
  catalogue: Catalogue
  /** The id of the project that it is for, if it is for one. */
  project: string | undefined
  /** When it is to be renewed, in milliseconds of `performance.now()`: the clocks of two machines may differ. */
  renewAt: number
}

/** Milliseconds of a token's life that are left to requests under way when it is renewed. */
const RENEW_BEFORE_END = 60_000

/** Logs in to Keystone and keeps the token as long as it is good. Many who ask at once share one log-in. */
export class TokenKeeper {
  readonly #auth: Authentication
  readonly #http: HttpClient
  #identityUrl: string | undefined
  #token: Token | undefined
  #loggingIn: Promise<Token> | undefined

  constructor(auth: Authentication, http: HttpClient) {
    this.#auth = auth
    this.#http = http
  }

  /** @throws {OpenStackError}; the signal's reason once it has aborted. */
  async token(signal: AbortSignal): Promise<Token> {
    signal.throwIfAborted()
    if (this.#token && performance.now() < this.#token.renewAt) return this.#token
    // A log-in that one caller began goes on for the others when that one gives up; its own end is its deadline.
    this.#loggingIn ??= this.#logIn(AbortSignal.timeout(LOG_IN_TIME)).finally(() => (this.#loggingIn = undefined))
    return within(signal, this.#loggingIn)
  }

  /** A service did not take this token: the next caller gets another. */
  refuse(token: Token): void {
    if (this.#token === token) this.#token = undefined
  }

  async #logIn(signal: AbortSignal): Promise<Token> {
    const auth = this.#auth
    if (auth.method === 'none') return (this.#token = { id: '', catalogue: [], project: undefined, renewAt: Infinity })
    const ask = (url: string) => this.#send({ method: 'GET', url, signal })
    this.#identityUrl ??= await discoverVersion(auth.url, identityV3, ask)
    const url = `${this.#identityUrl}/auth/tokens`
    const began = performance.now()
    const { status, headers, text } = await this.#send({ method: 'POST', url, body: identityRequest(auth), signal })
    if (status !== 201) throw this.#refusal(status, url)
    const { catalogue, lifetime, project } = readTokenAnswer(text, url)
    const id = headers['x-subject-token']
    if (id === undefined) throw new OpenStackError('misconfigured', `expected a token of ${url}, its answer has none`)
    // A life shorter than the margin is used to its half.
    const margin = Math.min(RENEW_BEFORE_END, lifetime / 2)
    return (this.#token = { id, catalogue, project, renewAt: began + lifetime - margin })
  }

  /** To log in twice is to log in once, so every failure may be repeated, as if it were a GET. */
  #send(request: { method: 'GET' | 'POST'; url: string; body?: object; signal: AbortSignal }) {
    const { signal } = request
    return repeating({ method: 'GET', signal }, () => this.#http.send({ ...request, service: 'Keystone' })).catch(
      (error: unknown) => {
        if (error !== signal.reason || !signal.aborted) throw error
        const { origin } = new URL(request.url)
        throw new OpenStackError('no answer', `Keystone at ${origin} did not answer within ${LOG_IN_TIME / 1000} s`)
      },
    )
  }

  #refusal(status: number, url: string): OpenStackError {
    if (status >= 500 || status === 429) {
      return new OpenStackError('no answer', `Keystone at ${url} answered with status ${status}`)
    }
    const todo =
      status === 401
        ? 'check user, password or secret, domains and project in [neutron] of kuryr.conf or in clouds.yaml'
        : 'check auth_url'
    return new OpenStackError('refused', `Keystone at ${url} did not log us in (status ${status}): ${todo}`)
  }
}

/** Milliseconds in which Keystone must have logged us in. */
const LOG_IN_TIME = 20_000

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
