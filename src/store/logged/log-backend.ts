/**
 * What {@link LoggedStore} needs of a server that is no key-value store in etcd's sense: one head that is compared and
 * set, together with the pieces that it speaks of. Every act is linearizable, and throws {@link BackendError}.
 */
export interface LogBackend {
  /** For messages: `consul at h1:8500`. */
  readonly address: string
  /** Bytes that one piece may have, and that all pieces of one commit may have together. */
  readonly limits: { piece: number; commit: number }

  /** The head; `undefined` when there is none yet. */
  readHead(signal: AbortSignal): Promise<VersionedHead | undefined>

  /** As {@link readHead}, once its version is other than `version`, or after some seconds all the same. */
  awaitHead(version: string, signal: AbortSignal): Promise<VersionedHead | undefined>

  /** Sets the head and writes the pieces as one act, if the head's version and the leases are as told. */
  commit(commit: Commit, signal: AbortSignal): Promise<CommitAnswer>

  readPiece(name: string, signal: AbortSignal): Promise<Buffer | undefined>

  /** Writes a piece that nothing speaks of yet. Twice is success. */
  writePiece(name: string, bytes: Buffer, signal: AbortSignal): Promise<void>

  /** The names of all pieces. */
  listPieces(signal: AbortSignal): Promise<string[]>

  /** Removes pieces that nothing speaks of any more. A missing one is success. */
  removePieces(names: readonly string[], signal: AbortSignal): Promise<void>

  /** A lease that keeps itself alive. */
  lease(ttlSeconds: number, signal: AbortSignal): Promise<BackendLease>

  /** The leases that live, now (without `known`), or once they are other than `known`, or after some seconds. */
  awaitLeases(known: LeaseList | undefined, signal: AbortSignal): Promise<LeaseList>

  /** Ends what is under way. Leases are kept alive no longer. */
  close(): void
}

export interface VersionedHead {
  bytes: Buffer
  /** Other after every change. */
  version: string
}

export interface Commit {
  /** The version that the head must have; `undefined`: there must be none. */
  version: string | undefined
  head: Buffer
  pieces: readonly { name: string; bytes: Buffer }[]
  /** Leases that must live. */
  leases: readonly string[]
}

export type CommitAnswer =
  { done: true; version: string } | { done: false; because: 'head' } | { done: false; because: 'lease'; lease: string }

export interface LeaseList {
  ids: ReadonlySet<string>
  /** What the backend goes on from; opaque. */
  version: string
}

export interface BackendLease {
  /** Never used twice. */
  readonly id: string
  /** Aborts when the server no longer has it, or may no longer have it. */
  readonly lost: AbortSignal
  /** The server forgets it. Twice is success. */
  end(signal: AbortSignal): Promise<void>
}

/** An act on the server that did not succeed. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  /** Whether it may have been done all the same. */
  readonly outcome: 'not-done' | 'unknown'
  /** Whether the same act may succeed a little later, or at another server. */
  readonly retryable: boolean

  constructor(message: string, options: ErrorOptions & { outcome: 'not-done' | 'unknown'; retryable: boolean }) {
    super(message, options)
    this.outcome = options.outcome
    this.retryable = options.retryable
  }
}
