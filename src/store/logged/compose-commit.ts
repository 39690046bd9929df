import type { TransactionResult } from '../store.ts'
import type { LogBackend } from './log-backend.ts'
import type { Known } from './log-follower.ts'
import type { Pending } from './log-writer.ts'
import { recordPiece } from './pieces.ts'
import { encode, type Head, type LogRecord } from './records.ts'

/** Records of one commit: Consul takes 64 operations, the head's and the leases' among them. */
const mostRecords = 40
/** Leases of one commit. */
const mostLeases = 16
/** Bytes of the last records that lie in the head too: who follows the log reads them with it. */
const latestBytes = 8192

/** Several writings as one change of the head. */
export interface ComposedCommit {
  head: Head
  /** {@link head} as it is written. */
  headBytes: Buffer
  records: LogRecord[]
  pieces: { name: string; bytes: Buffer }[]
  leases: string[]
  /** Those whose records these are. */
  writers: Pending[]
  /** What to answer once it is done; also to those who write nothing. */
  results: Map<Pending, TransactionResult>
}

/** Plans those who wait, from the first on, each on what the ones before it leave, as many as one commit takes. */
export async function composeCommit(
  backend: LogBackend,
  { known, queue, signal }: { known: Known; queue: readonly Pending[]; signal: AbortSignal },
): Promise<ComposedCommit> {
  const plan = planTogether(known, queue, backend.limits.commit)
  const pieces = await Promise.all(
    plan.records.map(record => recordPiece(backend, { head: known.head, record }, signal)),
  )
  const last = plan.records.at(-1)
  const latest = newest([...known.head.latest, ...plan.records])
  const head = last === undefined ? known.head : { ...known.head, revision: last.revision, record: last.id, latest }
  const leases = [...new Set(plan.writers.flatMap(({ leases }) => leases))]
  return { ...plan, pieces, leases, head, headBytes: encode(head) }
}

type Plan = Pick<ComposedCommit, 'records' | 'writers' | 'results'>

function planTogether({ replica }: Known, queue: readonly Pending[], limitBytes: number): Plan {
  const plan: Plan = { records: [], writers: [], results: new Map() }
  let bytes = 0
  let leases = 0
  replica.rehearse(() => {
    for (const pending of queue) {
      const revision = replica.revision + plan.records.length
      const changes = pending.plan(replica)
      if (changes === undefined || changes.length === 0) {
        plan.results.set(pending, { succeeded: changes !== undefined, revision })
        continue
      }
      const previous = plan.records.at(-1)?.id ?? replica.record
      const record = { revision: revision + 1, id: pending.tracked.id, previous, changes }
      bytes += sizeOf(record)
      leases += pending.leases.length
      const full = bytes > limitBytes || plan.records.length === mostRecords || leases > mostLeases
      if (plan.records.length > 0 && full) break
      replica.rehearseChanges(changes, record.revision)
      plan.records.push(record)
      plan.writers.push(pending)
      plan.results.set(pending, { succeeded: true, revision: record.revision })
    }
  })
  return plan
}

/** As many of the last records as are small together. */
function newest(records: readonly LogRecord[]): LogRecord[] {
  let bytes = 0
  const first = records.findLastIndex(record => (bytes += sizeOf(record)) > latestBytes)
  return records.slice(first + 1)
}

function sizeOf(record: LogRecord): number {
  return encode(record).length
}
