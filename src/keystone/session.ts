import type { Logger } from 'pino'
import { neutronUrlIn } from './catalogue.ts'
import type { Cloud } from './cloud.ts'
import { HttpClient, type HttpRequest } from './http-client.ts'
import { OpenStackError } from './openstack-error.ts'
import { type RepeatedAnswer, repeating } from './repeat.ts'
import { type Token, TokenKeeper } from './token-keeper.ts'
import { discoverVersion, networkingV2 } from './version-discovery.ts'

/** A request to Neutron. */
export interface NetworkingRequest extends Pick<HttpRequest, 'method' | 'headers' | 'body'> {
  /** Below the API's address, with its query: `/ports?device_id=…`. */
  path: string
  signal?: AbortSignal | undefined
}

/** Neutron of one cloud, as one who is logged in there reaches it. Opened without asking anybody. */
export class Session {
  readonly #cloud: Cloud
  readonly #http: HttpClient
  readonly #tokens: TokenKeeper
  #neutron: { from: string; url: string } | undefined

  /** @throws {OpenStackError} `misconfigured` when a certificate file cannot be read */
  constructor(cloud: Cloud, log: Pick<Logger, 'debug' | 'warn'>) {
    this.#cloud = cloud
    this.#http = new HttpClient({ tls: cloud.tls, log })
    this.#tokens = new TokenKeeper(cloud.auth, this.#http)
    if (cloud.tls.insecure) {
      log.warn('insecure is set: certificates of OpenStack are not checked, anybody on the way can read the password')
    }
  }

  /**
   * Asks Neutron, in the cloud's deadline, with a token that is renewed in time, and once if Neutron does not take it.
   *
   * @returns Neutron's answer, whatever its status
   * @throws {OpenStackError}; the signal's reason once it has aborted
   */
  async request({ path, signal: caller, ...asked }: NetworkingRequest): Promise<RepeatedAnswer> {
    const deadline = AbortSignal.timeout(this.#cloud.deadline)
    const signal = caller ? AbortSignal.any([caller, deadline]) : deadline
    try {
      const token = await this.#token(signal)
      const answer = await this.#send({ ...asked, path, signal }, token)
      if (answer.status !== 401 || token.id === '') return answer
      this.#tokens.refuse(token)
      return await this.#send({ ...asked, path, signal }, await this.#token(signal))
    } catch (error) {
      if (caller?.aborted) throw caller.reason
      if (!deadline.aborted || error instanceof OpenStackError) throw error
      const seconds = this.#cloud.deadline / 1000
      throw new OpenStackError('no answer', `Neutron did not answer ${asked.method} ${path} within ${seconds} s`, {
        cause: error,
      })
    }
  }

  /**
   * The id of the project that we are logged in to, if it is one.
   *
   * @throws {OpenStackError}; the signal's reason once it has aborted
   */
  async project(signal: AbortSignal = AbortSignal.timeout(this.#cloud.deadline)): Promise<string | undefined> {
    return (await this.#tokens.token(signal)).project
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  /** Without one Neutron was not asked: there is nothing that it may have done. */
  async #token(signal: AbortSignal): Promise<Token> {
    try {
      return await this.#tokens.token(signal)
    } catch (error) {
      if (error instanceof OpenStackError ? error.kind !== 'no answer' : !signal.aborted) throw error
      const seconds = this.#cloud.deadline / 1000
      const why = error instanceof OpenStackError ? error.message : `Keystone gave no token within ${seconds} s`
      throw new OpenStackError('no token', why, { cause: error })
    }
  }

  async #send(
    { path, headers, signal, ...asked }: NetworkingRequest & { signal: AbortSignal },
    token: Token,
  ): Promise<RepeatedAnswer> {
    const url = `${await this.#neutronUrl(token, signal)}${path}`
    const all = { ...headers, ...(token.id !== '' && { 'x-auth-token': token.id }) }
    const request = { ...asked, url, headers: all, signal, service: 'Neutron' }
    return repeating(request, () => this.#http.send(request))
  }

  async #neutronUrl({ catalogue }: Token, signal: AbortSignal): Promise<string> {
    const from = this.#cloud.neutronUrl ?? neutronUrlIn(catalogue, this.#cloud)
    if (this.#neutron?.from === from) return this.#neutron.url
    const ask = (url: string) => {
      const request = { method: 'GET', url, signal, service: 'Neutron' } as const
      return repeating(request, () => this.#http.send(request))
    }
    this.#neutron = { from, url: await discoverVersion(from, networkingV2, ask) }
    return this.#neutron.url
  }
}
