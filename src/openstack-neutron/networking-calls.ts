import type { NetworkingRequest, Session } from '../keystone/session.ts'
import type { RepeatedAnswer } from '../keystone/repeat.ts'
import type { NeutronErrorType } from '../neutron/errors.ts'
import { asNeutronError, wireError } from './wire-error.ts'

/** Neutron's API: a request, and its refusals as `NeutronError`. */
export class NetworkingCalls {
  readonly #session: Pick<Session, 'request'>

  constructor(session: Pick<Session, 'request'>) {
    this.#session = session
  }

  /** @throws {NeutronError} for every status of 400 and more, a missing resource as `notFound` */
  async ask(request: NetworkingRequest, notFound: NeutronErrorType): Promise<RepeatedAnswer> {
    request.signal?.throwIfAborted()
    const answer = await this.#session.request(request).catch((error: unknown) => {
      throw asNeutronError(error)
    })
    if (answer.status < 400) return answer
    // Gone at an attempt whose answer was lost.
    if (request.method === 'DELETE' && answer.status === 404 && answer.afterUnknown) return answer
    throw wireError(answer, notFound)
  }
}
