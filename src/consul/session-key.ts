import { Backoff } from '../concurrency/backoff.ts'
import type { ConsulClient } from './consul-client.ts'

/** A key that is there as long as this process holds it: it belongs to a session, which is renewed. */
export class SessionKey {
  /** The session's id. */
  readonly session: string
  readonly #client: ConsulClient
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()

  private constructor(client: ConsulClient, session: string, ttlMs: number) {
    this.#client = client
    this.session = session
    void this.#renew(ttlMs)
  }

  /** @throws {ConsulError} */
  static async make(
    client: ConsulClient,
    { key, ttlSeconds }: { key: (session: string) => string; ttlSeconds: number },
    signal: AbortSignal,
  ): Promise<SessionKey> {
    const session = await client.createSession(ttlSeconds, signal)
    // Killed, or refused, in between: the session ends by itself.
    await client.acquire(key(session), session, signal)
    return new SessionKey(client, session, ttlSeconds * 1000)
  }

  /** Aborts when Consul no longer has it, or may no longer have it. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Consul removes the key at once. Twice is success. @throws {ConsulError}: then Consul does it when its time is over. */
  async end(signal: AbortSignal): Promise<void> {
    this.abandon()
    await this.#client.destroySession(this.session, signal)
  }

  /** As if this process died. */
  abandon(): void {
    this.#ended.abort()
  }

  async #renew(ttlMs: number): Promise<void> {
    const ended = this.#ended.signal
    const pause = new Backoff({ firstMs: ttlMs / 3, limitMs: ttlMs / 3 })
    let end = performance.now() + ttlMs
    for (;;) {
      await pause.wait(ended)
      const began = performance.now()
      const alive = await this.#renewUntil(end)
      if (ended.aborted) return
      if (!alive) break
      end = began + ttlMs
    }
    this.#lost.abort()
  }

  /** Tries again and again until `end`; false when the session is no more, or its time is over. */
  async #renewUntil(end: number): Promise<boolean> {
    const left = AbortSignal.timeout(Math.max(1, Math.ceil(end - performance.now())))
    const stop = AbortSignal.any([this.#ended.signal, left])
    const backoff = new Backoff()
    while (!stop.aborted) {
      try {
        return await this.#client.renewSession(this.session, stop)
      } catch {
        await backoff.wait(stop)
      }
    }
    return false
  }
}
