/**
 * What the commands end with. 64 and 78 are `EX_USAGE` and `EX_CONFIG` of sysexits(3): a service manager need not
 * start the daemon again after them.
 */
export const exitStatus = {
  /** The command did what it was asked, and all is well. */
  ok: 0,
  /** The command failed, or `kuryr status` found problems. */
  failed: 1,
  /** The daemon cannot be reached, by a command that asks it. */
  unreachable: 2,
  /** The command line is wrong. */
  usage: 64,
  /** The configuration is wrong. */
  config: 78,
} as const

/** Ends a command with a status and a message for the standard error output. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
