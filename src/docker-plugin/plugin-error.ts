/**
 * A refusal that a driver explains to Docker's user: what was expected, what came, what to do. Becomes a non-200 answer
 * with `Err` and `Error`; never 404, which Docker reads as "not implemented".
 */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  /** 400: the caller's fault; 409: in conflict with what is there; 500: ours; 503: try later. */
  readonly status: 400 | 409 | 500 | 503

  constructor(status: 400 | 409 | 500 | 503, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}
