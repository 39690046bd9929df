import { randomUUID } from 'node:crypto'
import { raceAgainst } from '../../concurrency/race-against.ts'
import { EphemeralNode } from '../../zookeeper/ephemeral-node.ts'
import {
  actsRequest,
  createRequest,
  deleteRequest,
  getChildrenRequest,
  getDataRequest,
  syncRequest,
  type Access,
  type Act,
  type Request,
} from '../../zookeeper/protocol.ts'
import { ZooKeeperClient, type ZooKeeperClientOptions } from '../../zookeeper/zookeeper-client.ts'
import type { ZooKeeperConnection } from '../../zookeeper/zookeeper-connection.ts'
import { ZooKeeperError, type ZooKeeperErrorCode } from '../../zookeeper/zookeeper-error.ts'
import {
  BackendError,
  type BackendLease,
  type Commit,
  type CommitAnswer,
  type LeaseList,
  type LogBackend,
  type VersionedHead,
} from '../logged/log-backend.ts'

export interface ZooKeeperBackendOptions extends ZooKeeperClientOptions {
  /** The node under which everything lies, without a slash at the end. */
  prefix: string
}

/**
 * The log in ZooKeeper: nodes `head`, `pieces/…` and, ephemeral, `leases/…`. A commit is one multi, which checks the
 * head's version. Reads are preceded by a sync over the same connection.
 */
export class ZooKeeperBackend implements LogBackend {
  // A request may have 1 MB (jute.maxbuffer); the head is at most a few tens of kB.
  readonly limits = { piece: 512 * 1024, commit: 256 * 1024 }
  readonly #client: ZooKeeperClient
  readonly #prefix: string
  readonly #access: Access
  readonly #held = new Set<EphemeralNode>()

  constructor({ prefix, ...options }: ZooKeeperBackendOptions) {
    this.#client = new ZooKeeperClient(options)
    this.#prefix = prefix
    this.#access = this.#client.hasLogin ? 'creator' : 'world'
  }

  get address(): string {
    return `ZooKeeper ${this.#client.address}`
  }

  readHead(signal: AbortSignal): Promise<VersionedHead | undefined> {
    return this.#act(signal, connection => this.#headNow(connection, signal, false))
  }

  awaitHead(version: string, signal: AbortSignal): Promise<VersionedHead | undefined> {
    return this.#act(signal, async connection => {
      for (;;) {
        const changed = changeOf(connection, this.#head)
        const head = await this.#headNow(connection, signal, true)
        if (head?.version !== version) return head
        await raceAgainst(signal, changed)
      }
    })
  }

  async commit(commit: Commit, signal: AbortSignal): Promise<CommitAnswer> {
    const answer = await this.#tryCommit(commit, signal)
    if (answer !== 'no-directory') return answer
    await this.#makeDirectories(signal)
    const again = await this.#tryCommit(commit, signal)
    return again === 'no-directory' ? { done: false, because: 'head' } : again
  }

  readPiece(name: string, signal: AbortSignal): Promise<Buffer | undefined> {
    return this.#act(signal, connection => {
      void connection.request(syncRequest(this.#piece(name))).catch(ignore)
      const read = connection.request(getDataRequest(this.#piece(name), false))
      return raceAgainst(
        signal,
        read.then(({ data }) => data),
      ).catch(unless('no-node'))
    })
  }

  async writePiece(name: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
    const create = createRequest({ create: this.#piece(name), data: bytes, access: this.#access })
    await this.#request(create, signal).catch(unless('node-exists'))
  }

  async listPieces(signal: AbortSignal): Promise<string[]> {
    const { names } = await this.#request(getChildrenRequest(`${this.#prefix}/pieces`, false), signal)
    return names
  }

  async removePieces(names: readonly string[], signal: AbortSignal): Promise<void> {
    const remove = (name: string): Promise<undefined> =>
      this.#request(deleteRequest(this.#piece(name)), signal)
        .catch(unless('no-node'))
        .then(ignore)
    await Promise.all(names.map(remove))
  }

  async lease(ttlSeconds: number, signal: AbortSignal): Promise<BackendLease> {
    const id = randomUUID()
    const options = { path: `${this.#leases}/${id}`, access: this.#access, timeoutMs: ttlSeconds * 1000 }
    const make = (): Promise<EphemeralNode> => EphemeralNode.make(this.#client, options, signal)
    const node = await make()
      .catch(unless('no-node'))
      .then(made => made ?? this.#makeDirectories(signal).then(make))
      .catch(translate)
    this.#held.add(node)
    node.lost.addEventListener('abort', () => this.#held.delete(node))
    const end = (): Promise<void> => {
      this.#held.delete(node)
      node.end()
      return Promise.resolve()
    }
    return { id, lost: node.lost, end }
  }

  awaitLeases(known: LeaseList | undefined, signal: AbortSignal): Promise<LeaseList> {
    return this.#act(signal, async connection => {
      for (;;) {
        const changed = changeOf(connection, this.#leases)
        const list = await this.#leasesNow(connection, signal, known !== undefined)
        if (list === undefined) await this.#makeDirectories(signal)
        else if (list.version !== known?.version) return list
        else await raceAgainst(signal, changed)
      }
    })
  }

  close(): void {
    for (const node of this.#held) node.abandon()
    this.#client.close()
  }

  get #head(): string {
    return `${this.#prefix}/head`
  }

  get #leases(): string {
    return `${this.#prefix}/leases`
  }

  #piece(name: string): string {
    return `${this.#prefix}/pieces/${name}`
  }

  async #headNow(
    connection: ZooKeeperConnection,
    signal: AbortSignal,
    watch: boolean,
  ): Promise<VersionedHead | undefined> {
    void connection.request(syncRequest(this.#head)).catch(ignore)
    const read = connection.request(getDataRequest(this.#head, watch))
    const found = await raceAgainst(signal, read).catch(unless('no-node'))
    return found && { bytes: found.data, version: String(found.version) }
  }

  async #leasesNow(
    connection: ZooKeeperConnection,
    signal: AbortSignal,
    watch: boolean,
  ): Promise<LeaseList | undefined> {
    void connection.request(syncRequest(this.#leases)).catch(ignore)
    const read = connection.request(getChildrenRequest(this.#leases, watch))
    const found = await raceAgainst(signal, read).catch(unless('no-node'))
    return found && { ids: new Set(found.names), version: String(found.version) }
  }

  async #tryCommit(
    { version, head, pieces, leases }: Commit,
    signal: AbortSignal,
  ): Promise<CommitAnswer | 'no-directory'> {
    const access = this.#access
    const checks = leases.map(lease => ({ check: `${this.#leases}/${lease}` }))
    const acts: Act[] = [
      version === undefined
        ? { create: this.#head, data: head, access }
        : { set: this.#head, data: head, version: Number(version) },
      ...checks,
      ...pieces.map(({ name, bytes }) => ({ create: this.#piece(name), data: bytes, access })),
    ]
    const reply = await this.#request(actsRequest(acts), signal)
    if (reply.done) return { done: true, version: String(reply.versions[0] ?? 0) }
    const { index, error } = reply
    if (index === 0 && version === undefined && error.code === 'no-node') return 'no-directory'
    if (index === 0 && ['bad-version', 'node-exists', 'no-node'].includes(error.code)) {
      return { done: false, because: 'head' }
    }
    const lease = leases[index - 1]
    if (lease !== undefined && error.code === 'no-node') return { done: false, because: 'lease', lease }
    return translate(error)
  }

  async #makeDirectories(signal: AbortSignal): Promise<void> {
    const names = this.#prefix.split('/').slice(1)
    const paths = names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
    for (const path of [...paths, `${this.#prefix}/pieces`, this.#leases]) {
      const create = createRequest({ create: path, data: Buffer.alloc(0), access: this.#access })
      await this.#request(create, signal).catch(unless('node-exists'))
    }
  }

  #request<Reply>(request: Request<Reply>, signal: AbortSignal): Promise<Reply> {
    return this.#act(signal, connection => raceAgainst(signal, connection.request(request)))
  }

  async #act<T>(signal: AbortSignal, act: (connection: ZooKeeperConnection) => Promise<T>): Promise<T> {
    try {
      return await act(await this.#client.connected(signal))
    } catch (error) {
      return translate(error)
    }
  }
}

/** Resolves when the node that the next request watches has changed; rejects when the connection ends. */
function changeOf(connection: ZooKeeperConnection, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  connection.onChange(path, () => resolve(undefined))
  void connection.ended.then(reject)
  promise.catch(ignore)
  return promise
}

/** `undefined` in place of the expected error. */
function unless(code: ZooKeeperErrorCode): (error: unknown) => undefined {
  return error => {
    const cause = error instanceof BackendError ? error.cause : error
    if (cause instanceof ZooKeeperError && cause.code === code) return undefined
    throw error
  }
}

function translate(error: unknown): never {
  if (!(error instanceof ZooKeeperError)) throw error
  const { code, message, outcome } = error
  const retryable = code === 'unavailable' || code === 'session-expired'
  throw new BackendError(message, { cause: error, outcome, retryable })
}

function ignore(): undefined {
  return undefined
}
