import fc from 'fast-check'
import { expect } from 'vitest'
import type { Condition, Operation, Store, Transaction } from '../../src/store/store.ts'

const key = fc.constantFrom('a', 'a/', 'a/1', 'a/10', 'a0', 'b', 'b/ü')
const prefix = fc.constantFrom('', 'a', 'a/', 'a/1', 'b', 'c')
/** An age stands for a revision: 0 is the key's own, others are wrong. */
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ key, exists: fc.boolean() }),
  fc.record({ key, modRevision: fc.constantFrom(0, -1) }),
  fc.record({ prefix, empty: fc.constant(true as const) }),
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: key, value: fc.string({ maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ delete: key }) },
  { weight: 1, arbitrary: fc.record({ deletePrefix: prefix }) },
)

/** Transactions that the store's rules allow: none puts what it also deletes. */
const transaction: fc.Arbitrary<Transaction> = fc
  .record({ when: fc.array(condition, { maxLength: 2 }), then: fc.array(operation, { maxLength: 4 }) })
  .map(({ when, then }) => ({
    when,
    then: then.filter((one, index) => !then.slice(0, index).some(other => clash(one, other))),
  }))

function clash(one: Operation, other: Operation): boolean {
  if ('deletePrefix' in one) return !('deletePrefix' in other) && keyOf(other).startsWith(one.deletePrefix)
  if ('deletePrefix' in other) return keyOf(one).startsWith(other.deletePrefix)
  return keyOf(one) === keyOf(other)
}

function keyOf(operation: { put: string } | { delete: string }): string {
  return 'put' in operation ? operation.put : operation.delete
}

type Entries = Map<string, { value: string; modRevision: number }>

/** The property: a list of transactions leaves the store as it leaves a map, revision by revision. */
export function transactionsAgainstOracle(store: () => Store): fc.IAsyncProperty<[Transaction[]]> {
  return fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 12 }), async transactions => {
    const oracle: Entries = new Map()
    await store().transaction({ when: [], then: [{ deletePrefix: '' }] })
    let { revision } = await store().range('')
    for (const { when, then } of transactions) {
      const real = when.map(one => withRevision(one, oracle))
      const holds = real.every(one => holdsIn(one, oracle))
      const changed = holds && apply(then, oracle, revision + 1)
      if (changed) revision += 1
      expect(await store().transaction({ when: real, then })).toEqual({ succeeded: holds, revision })
      const { entries } = await store().range('')
      const expected = [...oracle].map(([key, entry]) => ({ key, ...entry }))
      expect(entries).toEqual(expected.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))))
    }
  })
}

function withRevision(condition: Condition, oracle: Entries): Condition {
  if (!('modRevision' in condition)) return condition
  const { modRevision = 0 } = oracle.get(condition.key) ?? {}
  return { key: condition.key, modRevision: Math.max(0, modRevision + condition.modRevision) }
}

function holdsIn(condition: Condition, oracle: Entries): boolean {
  if ('prefix' in condition) return ![...oracle.keys()].some(key => key.startsWith(condition.prefix))
  if ('exists' in condition) return oracle.has(condition.key) === condition.exists
  return (oracle.get(condition.key)?.modRevision ?? 0) === condition.modRevision
}

/** Whether anything changed. */
function apply(then: readonly Operation[], oracle: Entries, modRevision: number): boolean {
  let changed = false
  for (const operation of then) {
    if ('put' in operation) {
      oracle.set(operation.put, { value: operation.value, modRevision })
      changed = true
      continue
    }
    const gone = [...oracle.keys()].filter(key =>
      'delete' in operation ? key === operation.delete : key.startsWith(operation.deletePrefix),
    )
    for (const key of gone) oracle.delete(key)
    changed ||= gone.length > 0
  }
  return changed
}
