import { Backoff } from '../concurrency/backoff.ts'
import { isAborted } from '../concurrency/aborted.ts'
import { createRequest, type Access } from './protocol.ts'
import type { ZooKeeperClient } from './zookeeper-client.ts'
import type { ZooKeeperConnection } from './zookeeper-connection.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

/** Where the node is, and how long it outlives its maker, in milliseconds. ZooKeeper has bounds of its own for it. */
export interface EphemeralNodeOptions {
  path: string
  access: Access
  timeoutMs: number
}

/** A node that is there as long as this process holds it: it has a session of its own, which is taken up after losses. */
export class EphemeralNode {
  readonly #client: ZooKeeperClient
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()
  #connection: ZooKeeperConnection

  private constructor(client: ZooKeeperClient, connection: ZooKeeperConnection) {
    this.#client = client
    this.#connection = connection
    void this.#hold()
  }

  /** @throws {ZooKeeperError} */
  static async make(
    client: ZooKeeperClient,
    { path, access, timeoutMs }: EphemeralNodeOptions,
    signal: AbortSignal,
  ): Promise<EphemeralNode> {
    const connection = await client.openSession({ timeoutMs }, signal)
    const abort = (): void => connection.endSession()
    signal.addEventListener('abort', abort)
    try {
      if (signal.aborted) abort()
      await connection.request(createRequest({ create: path, data: Buffer.alloc(0), ephemeral: true, access }))
      return new EphemeralNode(client, connection)
    } catch (error) {
      connection.endSession()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Aborts when ZooKeeper no longer has it, or may no longer have it. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** ZooKeeper removes the node at once; if it is away, when the session's time is over. */
  end(): void {
    this.#ended.abort()
    this.#connection.endSession()
  }

  /** As if this process died: the node is there until the session's time is over. */
  abandon(): void {
    this.#ended.abort()
    this.#connection.drop()
  }

  async #hold(): Promise<void> {
    for (;;) {
      await this.#connection.ended
      if (this.#ended.signal.aborted) return
      const again = await this.#takeUp(this.#connection)
      if (again === undefined) break
      this.#connection = again
      // It was ended while it was taken up.
      if (isAborted(this.#ended.signal)) again.endSession()
    }
    if (!isAborted(this.#ended.signal)) this.#lost.abort()
  }

  /** The same session over a new connection; `undefined` when it is no more, or its time is over. */
  async #takeUp({
    session,
    sessionTimeoutMs,
    lastHeard,
  }: ZooKeeperConnection): Promise<ZooKeeperConnection | undefined> {
    const left = Math.max(0, Math.ceil(lastHeard + sessionTimeoutMs - performance.now()))
    const stop = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(left)])
    const backoff = new Backoff()
    while (!stop.aborted) {
      try {
        return await this.#client.openSession({ timeoutMs: sessionTimeoutMs, session }, stop)
      } catch (error) {
        if (error instanceof ZooKeeperError && error.code === 'session-expired') return undefined
        await backoff.wait(stop)
      }
    }
    return undefined
  }
}
