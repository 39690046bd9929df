import { type Call } from '../../neutron/neutron.ts'
import { NeutronError } from '../../neutron/errors.ts'
import { StoreUnavailableError } from '../../store/store.ts'
import type { ServiceContext } from '../context.ts'

/**
 * Runs one call under its caller's signal and the service's own deadline.
 * @throws the caller's reason when the caller gave up; NeutronError ServiceUnavailable when the store was away for too
 * long, or is another one
 */
export async function limited<T>(
  context: Pick<ServiceContext, 'deadline' | 'replica'>,
  call: Call | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  call?.signal?.throwIfAborted()
  context.replica.checkSameStore()
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), context.deadline)
  try {
    return await work(call?.signal ? AbortSignal.any([call.signal, deadline.signal]) : deadline.signal)
  } catch (error) {
    if (call?.signal?.aborted) throw call.signal.reason
    if (error instanceof NeutronError) throw error
    if (deadline.signal.aborted || error instanceof StoreUnavailableError) {
      const message = `The store of the network service did not answer within ${context.deadline / 1000} s: is it running and reachable?`
      throw new NeutronError('ServiceUnavailable', message, { cause: error })
    }
    throw error
  } finally {
    clearTimeout(timer)
  }
}
