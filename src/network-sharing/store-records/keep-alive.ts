import { aborted, isAborted } from '../../concurrency/aborted.ts'
import { Backoff } from '../../concurrency/backoff.ts'
import type { Store } from '../../store/store.ts'
import type { FollowLog } from './view-follower.ts'

/** Seconds for which a host counts as connected after its daemon was last heard of. */
const ALIVE_SECONDS = 15

export interface Life {
  key: string
  value: string
  /** Ends it: the key goes at once. */
  signal: AbortSignal
  log: FollowLog
}

/** Keeps a leased key in the store for as long as this process lives, granting a new lease whenever one was lost. */
export async function keepAlive(store: Store, { key, value, signal, log }: Life): Promise<void> {
  const backoff = new Backoff({ firstMs: 200, limitMs: 5000 })
  while (!isAborted(signal)) {
    try {
      const lease = await store.lease(ALIVE_SECONDS, { signal })
      try {
        await store.transaction({ when: [], then: [{ put: key, value, lease }] }, { signal })
        backoff.reset()
        await aborted(AbortSignal.any([signal, lease.lost]))
      } finally {
        // It would run out by itself.
        await lease.end().catch(() => undefined)
      }
    } catch (error) {
      if (isAborted(signal)) return
      log.warn({ err: error }, 'the store does not take the sign of life of this host: trying again')
      await backoff.wait(signal)
    }
  }
}
