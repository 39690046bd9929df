import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { NeutronError } from '../../neutron/errors.ts'
import { type Condition, type Operation, StoreUnavailableError, type TransactionResult } from '../../store/store.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { encode, writeOf } from '../records.ts'
import type { Row } from '../replica/resource-table.ts'
import type { Tables } from '../replica/tables.ts'

/** How often a write is tried when others change the same things meanwhile. */
const mostAttempts = 40

/** What a plan looks at. */
export interface PlanView {
  tables: Tables
  /** Whether `tables` hold everything that was written before the call. If not, a refusal is only a first opinion. */
  fresh: boolean
  /** 0 at first; grows with each conflict. */
  attempt: number
}

/** One transaction, as it is to be. */
export interface Plan<T> {
  /** All that the plan relies on. */
  when: Condition[]
  /** Values to put, not yet encoded, and keys to delete. Nothing: there is nothing to do. */
  put: Record<string, unknown>
  delete: string[]
  /** The key that shows whether the transaction happened: put or deleted by it alone. */
  mark: string
  result: T
}

/** The condition that the record at `key` is still `row`, or still absent. */
export function unchanged(key: string, row: Row<unknown> | undefined): Condition {
  return row ? { key, modRevision: row.modRevision } : { key, exists: false }
}

/**
 * Plans from memory and writes on condition that what the plan looked at is still so; plans again, on a refreshed
 * replica, when it is not. A refusal of a plan counts only on a fresh view. When it resolves, the replica has the write.
 */
export async function commit<T>(
  context: ServiceContext,
  signal: AbortSignal,
  plan: (view: PlanView) => Plan<T>,
): Promise<T> {
  const unknown: Written<T>[] = []
  let fresh = false
  await context.replica.reached(0, signal)
  for (let attempt = 0; attempt < mostAttempts;) {
    signal.throwIfAborted()
    if (attempt > 0 || unknown.length > 0) {
      await refresh(context, signal)
      fresh = true
    }
    const landed = await findLanded(context, signal, unknown)
    if (landed) return landed.result
    const planned = draw(context, plan, { attempt, fresh })
    if (planned === 'look-again') {
      await refresh(context, signal)
      fresh = true
      continue
    }
    if (isEmpty(planned)) return planned.result
    const write = randomUUID()
    const outcome = await execute(context, signal, planned, write)
    if (outcome === 'unknown') unknown.push({ plan: planned, write })
    else if (outcome.succeeded) {
      await context.replica.reached(outcome.revision, signal)
      return planned.result
    }
    attempt += 1
    if (attempt > 1) await sleep(context.random() * Math.min(100, 2 ** attempt), undefined, { signal })
  }
  throw new NeutronError(
    'ServiceUnavailable',
    `Others changed the same resources ${mostAttempts} times in a row: try again.`,
  )
}

interface Written<T> {
  plan: Plan<T>
  write: string
}

async function refresh(context: ServiceContext, signal: AbortSignal): Promise<void> {
  await retrying(context, signal, () => context.replica.fresh(signal))
}

function draw<T>(
  context: ServiceContext,
  plan: (view: PlanView) => Plan<T>,
  { attempt, fresh }: { attempt: number; fresh: boolean },
): Plan<T> | 'look-again' {
  try {
    const { tables } = context.replica
    const planned = plan({ tables, fresh, attempt })
    tables.checkReadable(touched(planned))
    return isEmpty(planned) && !fresh ? 'look-again' : planned
  } catch (error) {
    if (fresh || !(error instanceof NeutronError)) throw error
    return 'look-again'
  }
}

function touched({ when, put, delete: deleted }: Plan<unknown>): string[] {
  return [...when.flatMap(condition => ('key' in condition ? condition.key : [])), ...Object.keys(put), ...deleted]
}

function isEmpty(plan: Plan<unknown>): boolean {
  return Object.keys(plan.put).length === 0 && plan.delete.length === 0
}

async function execute(
  context: ServiceContext,
  signal: AbortSignal,
  plan: Plan<unknown>,
  write: string,
): Promise<TransactionResult | 'unknown'> {
  const puts = Object.entries(plan.put).map(([key, data]): Operation => ({ put: key, value: encode(data, write) }))
  // A plan made for one store must not be carried out on another.
  const { name, modRevision } = context.replica.generation
  const head: Operation = { put: keys.head, value: encode(name, write) }
  const then = [...puts, ...plan.delete.map((key): Operation => ({ delete: key })), head]
  const when = [...plan.when, { key: keys.generation, modRevision }]
  return retrying(context, signal, async () => {
    try {
      return await context.store.transaction({ when, then }, { signal })
    } catch (error) {
      if (error instanceof StoreUnavailableError && error.outcome === 'unknown') return 'unknown'
      throw error
    }
  })
}

/** Repeats what the store was not there for, until the signal ends it. */
export async function retrying<T>(context: ServiceContext, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !(error instanceof StoreUnavailableError)) throw error
      await sleep((0.5 + context.random()) * Math.min(500, 20 * 2 ** Math.min(attempt, 5)), undefined, { signal })
    }
  }
}

/** A write whose answer was lost and which happened after all. */
async function findLanded<T>(
  context: ServiceContext,
  signal: AbortSignal,
  unknown: Written<T>[],
): Promise<Plan<T> | undefined> {
  for (const { plan, write } of unknown) {
    const entry = await retrying(context, signal, () => context.store.get(plan.mark, { signal }))
    const landed = plan.mark in plan.put ? entry !== undefined && writeOf(entry.value) === write : entry === undefined
    if (landed) return plan
  }
  return undefined
}
