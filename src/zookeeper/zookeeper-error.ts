/** What went wrong with a request, in the words that callers act upon. */
export type ZooKeeperErrorCode =
  | 'unavailable'
  | 'aborted'
  | 'closed'
  | 'session-expired'
  | 'no-node'
  | 'node-exists'
  | 'bad-version'
  | 'not-empty'
  | 'authentication'
  | 'other'

/** The one error of the ZooKeeper client. */
export class ZooKeeperError extends Error {
  override readonly name = 'ZooKeeperError'
  readonly code: ZooKeeperErrorCode
  /** `not-done`: ZooKeeper certainly did not do it. `unknown`: it may have. */
  readonly outcome: 'not-done' | 'unknown'

  constructor(
    code: ZooKeeperErrorCode,
    message: string,
    options: ErrorOptions & { outcome?: 'not-done' | 'unknown' } = {},
  ) {
    super(message, options)
    this.code = code
    this.outcome = options.outcome ?? 'not-done'
  }
}

/** The codes of replies, as `KeeperException.Code` has them, with what they are called there. */
const codes: Readonly<Record<number, [code: ZooKeeperErrorCode, words: string]>> = {
  '-2': ['other', 'runtime inconsistency'],
  '-4': ['unavailable', 'connection loss'],
  '-5': ['other', 'marshalling error: is a value larger than jute.maxbuffer?'],
  '-6': ['other', 'unimplemented'],
  '-7': ['unavailable', 'operation timeout'],
  '-8': ['other', 'bad arguments'],
  '-101': ['no-node', 'no node'],
  '-102': ['authentication', 'not authenticated for this node (ACL)'],
  '-103': ['bad-version', 'bad version'],
  '-110': ['node-exists', 'node exists'],
  '-111': ['not-empty', 'node has children'],
  '-112': ['session-expired', 'session expired'],
  '-113': ['other', 'invalid ACL'],
  '-115': ['authentication', 'authentication failed'],
  '-118': ['session-expired', 'session moved to another server'],
  '-125': ['other', 'quota exceeded'],
  '-127': ['unavailable', 'throttled'],
}

/** The error of a reply's code, which is not 0. `what` says what was asked for, and begins the message. */
export function replyError(code: number, what: string): ZooKeeperError {
  const [name, words] = codes[code] ?? ['other', `error ${code}`]
  return new ZooKeeperError(name, `${what}: ${words}`)
}
