import type { Readable } from 'node:stream'
import { type ApiVersion, versionText, versionToSpeak } from './api-version.ts'
import type { EngineCall } from './docker-engine.ts'
import { described, type EngineConnection, type EngineLimits, type EngineRequest } from './engine-connection.ts'
import { EngineError, engineErrorOf } from './engine-error.ts'

/** A request, or what makes one for the version of the API that is spoken. */
export type VersionedRequest = EngineRequest | ((version: ApiVersion) => EngineRequest)

const defaultTimeoutMs = 10_000

/** Requests in the version of the API that both sides speak; agreed anew whenever the engine may be another one. */
export class EngineCalls {
  readonly connection: EngineConnection
  #version: ApiVersion | undefined

  constructor(connection: EngineConnection) {
    this.connection = connection
  }

  /**
   * The answer's text.
   * @throws {EngineError} for any status but 2xx. @throws {EngineUnavailableError}
   */
  async text(request: VersionedRequest, call: EngineCall = {}): Promise<string> {
    return this.#inSpokenVersion(request, call, async (versioned, limits) => {
      const answer = await this.connection.request(versioned, limits)
      if (answer.status < 200 || answer.status > 299)
        throw engineErrorOf(described(versioned), answer.status, answer.text)
      return answer.text
    })
  }

  /** As {@link text}, for an answer that never ends. */
  async stream(request: VersionedRequest, call: EngineCall): Promise<Readable> {
    return this.#inSpokenVersion(request, call, (versioned, limits) => this.connection.stream(versioned, limits))
  }

  /** Forgets what was agreed: the engine may be another one now. */
  forgetVersion(): void {
    this.#version = undefined
  }

  async #inSpokenVersion<T>(
    request: VersionedRequest,
    { timeoutMs = defaultTimeoutMs, ...call }: EngineCall,
    send: (request: EngineRequest, limits: EngineLimits) => Promise<T>,
  ): Promise<T> {
    const limits = { ...call, timeoutMs, startedAt: performance.now() }
    const agreed = this.#version
    try {
      return await send(inVersion(request, agreed ?? (await this.#agree(limits))), limits)
    } catch (error) {
      // An engine that was just agreed with and refuses all the same will go on refusing.
      const outdated = error instanceof EngineError && error.code === 'version' && agreed !== undefined
      if (!(error instanceof EngineError) || outdated) this.forgetVersion()
      if (!outdated) throw error
    }
    return send(inVersion(request, await this.#agree(limits)), limits)
  }

  async #agree(limits: EngineLimits): Promise<ApiVersion> {
    const ping = { method: 'GET', path: '/_ping' } as const
    const answer = await this.connection.request(ping, limits)
    if (answer.status !== 200) throw engineErrorOf(described(ping), answer.status, answer.text)
    this.#version = versionToSpeak(answer.header('api-version'))
    return this.#version
  }
}

function inVersion(request: VersionedRequest, version: ApiVersion): EngineRequest {
  const plain = typeof request === 'function' ? request(version) : request
  return { ...plain, path: `/v${versionText(version)}${plain.path}` }
}
