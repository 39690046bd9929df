import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreRequestError } from '../../src/store/request-check.ts'
import {
  StoreCompactedError,
  StoreUnavailableError,
  type Condition,
  type Operation,
  type Store,
} from '../../src/store/store.ts'
import { transactionsAgainstOracle } from './store-oracle.ts'
import { WatchReader, shortly } from './watch-reader.ts'

/** A store without entries, and how to make it forget its history up to now. */
export interface FreshStore {
  store: Store
  compact: () => Promise<void>
}

/** Everything that `Store` promises, for one implementation of it. */
export function storeContract(name: string, openFreshStore: () => Promise<FreshStore>): void {
  describe(name, () => {
    let store: Store
    let compact: () => Promise<void>
    const put = async (key: string, value = ''): Promise<number> =>
      (await store.transaction({ when: [], then: [{ put: key, value }] })).revision
    const act = (...then: Operation[]): ReturnType<Store['transaction']> => store.transaction({ when: [], then })
    const keys = async (prefix = ''): Promise<string[]> => (await store.range(prefix)).entries.map(({ key }) => key)

    beforeEach(async () => {
      ;({ store, compact } = await openFreshStore())
    })
    afterEach(() => store.close())

    describe('reading', () => {
      test('a missing key is undefined, an empty prefix has no entries and a positive revision', async () => {
        expect(await store.get('nothing')).toBeUndefined()
        const range = await store.range('')
        expect(range.entries).toEqual([])
        expect(range.revision).toBeGreaterThan(0)
      })

      test('an entry has the value and the revision of its last put', async () => {
        const first = await put('a', 'one')
        const second = await put('a', 'two')
        expect(second).toBeGreaterThan(first)
        expect(await store.get('a')).toEqual({ key: 'a', value: 'two', modRevision: second })
      })

      test('a range is sorted by UTF-8 bytes and tells the revision as of which it is whole', async () => {
        for (const key of ['b', 'a/2', 'a/10', 'a', 'é', '\u{1F600}', '\uFFEE']) await put(key)
        const range = await store.range('')
        expect(range.entries.map(({ key }) => key)).toEqual(['a', 'a/10', 'a/2', 'b', 'é', '\uFFEE', '\u{1F600}'])
        expect(range.revision).toBe((await put('later')) - 1)
      })

      test('prefixes that are prefixes of each other keep apart', async () => {
        for (const key of ['net', 'net/', 'net/1', 'net/10', 'net0', 'network/1', 'nes']) await put(key)
        expect(await keys('net/')).toEqual(['net/', 'net/1', 'net/10'])
        expect(await keys('net/1')).toEqual(['net/1', 'net/10'])
        expect(await keys('net')).toEqual(['net', 'net/', 'net/1', 'net/10', 'net0', 'network/1'])
      })

      test('a range of more entries than one message holds is whole', async () => {
        for (let block = 0; block < 25; block++) {
          await act(
            ...Array.from({ length: 100 }, (_, i) => ({
              put: `n/${String(block * 100 + i).padStart(5, '0')}`,
              value: '',
            })),
          )
        }
        const found = await keys('n/')
        expect(found).toHaveLength(2500)
        expect(found).toEqual(found.toSorted())
      })

      test.each([
        'a b',
        'a\nb',
        'a\0b',
        '../..',
        'ключ',
        '\u{10FFFF}',
        '\uD7FF',
        '%',
        "'; DROP TABLE entry; --",
        'a//b/',
      ])('the key %j and its value come back as they were, alone and by prefix', async key => {
        await put(key, `${key}\0"'`)
        await put(`${key}x`)
        expect((await store.get(key))?.value).toBe(`${key}\0"'`)
        expect(await keys(key)).toEqual([key, `${key}x`])
        await act({ deletePrefix: key })
        expect(await keys()).toEqual([])
      })
    })

    describe('transactions', () => {
      const conditions: [title: string, condition: (modRevision: number) => Condition, holds: boolean][] = [
        ['exists true, of a key there', () => ({ key: 'there', exists: true }), true],
        ['exists true, of a missing key', () => ({ key: 'missing', exists: true }), false],
        ['exists false, of a key there', () => ({ key: 'there', exists: false }), false],
        ['exists false, of a missing key', () => ({ key: 'missing', exists: false }), true],
        ['the right revision', modRevision => ({ key: 'there', modRevision }), true],
        ['an older revision', modRevision => ({ key: 'there', modRevision: modRevision - 1 }), false],
        ['a revision, of a missing key', modRevision => ({ key: 'missing', modRevision }), false],
        ['revision 0, of a missing key', () => ({ key: 'missing', modRevision: 0 }), true],
        ['revision 0, of a key there', () => ({ key: 'there', modRevision: 0 }), false],
        ['an empty prefix', () => ({ prefix: 'there/', empty: true }), true],
        ['a prefix that is a key', () => ({ prefix: 'there', empty: true }), false],
        ['a prefix with a key', () => ({ prefix: 'the', empty: true }), false],
        ['the prefix of all', () => ({ prefix: '', empty: true }), false],
      ]
      test.each(conditions)('condition %s', async (_title, condition, holds) => {
        const revision = await put('there')
        const result = await store.transaction({ when: [condition(revision)], then: [{ put: 'done', value: 'x' }] })
        expect(result.succeeded).toBe(holds)
        expect(result.revision).toBe(holds ? revision + 1 : revision)
        expect((await store.get('done')) !== undefined).toBe(holds)
      })

      test('all or nothing: one condition of many that fails stops every operation', async () => {
        const revision = await put('a', 'old')
        const when: Condition[] = [
          { key: 'a', exists: true },
          { prefix: 'z', empty: true },
          { key: 'b', exists: true },
        ]
        const result = await store.transaction({ when, then: [{ put: 'a', value: 'new' }, { delete: 'a2' }] })
        expect(result).toEqual({ succeeded: false, revision })
        expect(await store.get('a')).toMatchObject({ value: 'old', modRevision: revision })
      })

      test('put, delete and deletePrefix act as one revision', async () => {
        await act(
          { put: 'a/1', value: '' },
          { put: 'a/2', value: '' },
          { put: 'b', value: '' },
          { put: 'c', value: '' },
        )
        const { revision } = await act(
          { put: 'c', value: 'new' },
          { put: 'd', value: '' },
          { delete: 'b' },
          { deletePrefix: 'a/' },
        )
        expect((await store.range('')).entries).toEqual([
          { key: 'c', value: 'new', modRevision: revision },
          { key: 'd', value: '', modRevision: revision },
        ])
      })

      test('deleting what is not there succeeds without a new revision', async () => {
        const revision = await put('a')
        expect(await act({ delete: 'b' }, { deletePrefix: 'c/' })).toEqual({ succeeded: true, revision })
        expect(await act()).toEqual({ succeeded: true, revision })
      })

      test('of many writers that create one key at once, exactly one succeeds', async () => {
        const results = await Promise.all(
          Array.from({ length: 60 }, (_, i) =>
            store.transaction({ when: [{ key: 'k', exists: false }], then: [{ put: 'k', value: String(i) }] }),
          ),
        )
        const winners = results.flatMap(({ succeeded }, i) => (succeeded ? [String(i)] : []))
        expect(winners).toHaveLength(1)
        expect((await store.get('k'))?.value).toBe(winners[0])
      })

      test('many writers that count up by compare and swap lose no count', async () => {
        await put('n', '0')
        const countUp = async (): Promise<void> => {
          for (let attempt = 0; attempt < 500; attempt++) {
            const { value = '0', modRevision = 0 } = (await store.get('n')) ?? {}
            const then = [{ put: 'n', value: String(Number(value) + 1) }]
            if ((await store.transaction({ when: [{ key: 'n', modRevision }], then })).succeeded) return
          }
          throw new Error('never won')
        }
        await Promise.all(Array.from({ length: 12 }, () => countUp()))
        expect((await store.get('n'))?.value).toBe('12')
      })

      test.each<[string, Operation[], RegExp]>([
        ['a key twice', [{ put: 'a', value: '' }, { delete: 'a' }], /"a" stands twice/],
        [
          'a put under a prefix that it deletes',
          [{ put: 'a/1', value: '' }, { deletePrefix: 'a/' }],
          /"a\/1" is put and deleted/,
        ],
        ['an empty key', [{ put: '', value: '' }], /expected a key/],
        ['a leading slash', [{ delete: '/a' }], /without a leading slash, got "\/a"/],
        ['half a character', [{ put: 'a\uD800', value: '' }], /valid Unicode/],
        ['half a character in the value', [{ put: 'a', value: '\uDC00' }], /value for "a" is no valid Unicode/],
        ['more than 128 operations', Array.from({ length: 129 }, (_, i) => ({ delete: `k${i}` })), /got 130: split it/],
        ['a value above 1.5 MB', [{ put: 'a', value: 'x'.repeat(1_500_000) }], /1500000 bytes .* got 1500\d{3}:/],
      ])('%s is refused with its name, and nothing happens', async (_title, then, message) => {
        const revision = await put('before')
        const error: unknown = await act({ put: 'other', value: '' }, ...then).catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(StoreRequestError)
        expect((error as Error).message).toMatch(message)
        expect((await store.range('')).revision).toBe(revision)
      })

      test('128 operations, and a value of nearly 1.5 MB, are taken', async () => {
        await act(...Array.from({ length: 128 }, (_, i) => ({ put: `k${i}`, value: '' })))
        await put('large', 'x'.repeat(1_499_900))
        expect(await keys()).toHaveLength(129)
      })

      test('an aborted call does nothing when it was aborted before it began', async () => {
        const call = { signal: AbortSignal.abort(new Error('enough')) }
        const error: unknown = await store
          .transaction({ when: [], then: [{ put: 'a', value: '' }] }, call)
          .catch((caught: unknown) => caught)
        expect(error).toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
        expect(await store.get('a')).toBeUndefined()
      })

      test('random transactions do what the same ones do to a plain map', async () => {
        await fc.assert(
          transactionsAgainstOracle(() => store),
          { numRuns: 30, endOnFailure: true },
        )
      })
    })

    describe('watches', () => {
      test('changes come in order, one batch per revision, with only the keys of the prefix', async () => {
        const { revision: start } = await store.range('')
        await using watch = new WatchReader(store, 'a/', start)
        await act({ put: 'a/1', value: 'x' }, { put: 'b', value: '' }, { put: 'a/2', value: 'y' })
        await put('b')
        await act({ delete: 'a/1' }, { put: 'a/3', value: '' })
        const end = (await act({ deletePrefix: 'a/' })).revision
        expect((await watch.until(end)).map(shortly)).toEqual([
          `${start + 1}: +a/1=x +a/2=y`,
          `${start + 3}: -a/1 +a/3=`,
          `${start + 4}: -a/2 -a/3`,
        ])
      })

      test('a watch from an earlier revision brings all that happened since, and then what happens', async () => {
        const { revision: start } = await store.range('')
        for (let i = 1; i <= 5; i++) await put('a', String(i))
        await using watch = new WatchReader(store, '', start + 2)
        await watch.until(start + 5)
        await put('a', '6')
        expect(shortly(await watch.next())).toBe(`${start + 6}: +a=6`)
      })

      test('a range and a watch from its revision miss nothing, while others write', async () => {
        const writing = new AbortController()
        const writer = (async () => {
          for (let i = 0; !writing.signal.aborted; i++) {
            await put(`k${i % 7}`, String(i))
            // Lets others have their turn, where a put is done at once.
            await setImmediate()
          }
        })()
        await put('started')
        const { entries, revision } = await store.range('k')
        const state = new Map(entries.map(({ key, value }) => [key, value]))
        await using watch = new WatchReader(store, 'k', revision)
        for (let batches = 0; batches < 50; batches++) {
          for (const change of (await watch.next()).changes) {
            if (change.type === 'put') state.set(change.entry.key, change.entry.value)
          }
        }
        writing.abort()
        await writer
        const last = (await store.range('k')).revision
        const marker = await put('k-end')
        for (const batch of await watch.until(marker)) {
          for (const change of batch.changes) {
            if (change.type === 'put' && batch.revision <= last) state.set(change.entry.key, change.entry.value)
          }
        }
        const now = (await store.range('k')).entries.filter(({ key }) => key !== 'k-end')
        expect([...state].sort()).toEqual(now.map(({ key, value }) => [key, value]))
      })

      test('many watchers see the same', async () => {
        const { revision } = await store.range('')
        const watches = Array.from({ length: 20 }, () => new WatchReader(store, '', revision))
        for (let i = 0; i < 10; i++) await put('a', String(i))
        const seen = await Promise.all(watches.map(async watch => (await watch.until(revision + 10)).map(shortly)))
        for (const batches of seen) expect(batches).toEqual(seen[0])
        expect(seen[0]).toHaveLength(10)
        for (const watch of watches) await watch[Symbol.asyncDispose]()
      })

      test('aborting ends a watch without an error, whether it waits or not', async () => {
        const { revision } = await store.range('')
        const waiting = new WatchReader(store, 'a', revision)
        expect(await waiting.abort()).toEqual({ done: true, value: undefined })
        const ended = store.watch('a', revision, AbortSignal.abort())[Symbol.asyncIterator]()
        expect(await ended.next()).toEqual({ done: true, value: undefined })
      })

      test('a watch from forgotten revisions says so', async () => {
        const { revision } = await store.range('')
        await put('a', '1')
        await put('a', '2')
        await compact()
        await using watch = new WatchReader(store, '', revision)
        await expect(watch.next()).rejects.toBeInstanceOf(StoreCompactedError)
        const again = await store.range('')
        await using fresh = new WatchReader(store, '', again.revision)
        await put('a', '3')
        expect(shortly(await fresh.next())).toBe(`${again.revision + 1}: +a=3`)
      })
    })

    describe('leases', () => {
      test('ending a lease deletes its keys as one revision; twice is success', async () => {
        const lease = await store.lease(30)
        await act({ put: 'a/1', value: '', lease }, { put: 'a/2', value: '', lease }, { put: 'stays', value: '' })
        await using watch = new WatchReader(store, '', (await store.range('')).revision)
        await lease.end()
        expect((await watch.next()).changes).toMatchObject([
          { type: 'delete', key: 'a/1' },
          { type: 'delete', key: 'a/2' },
        ])
        await lease.end()
        expect(await keys()).toEqual(['stays'])
      })

      test('a key put again without the lease outlives it', async () => {
        const lease = await store.lease(30)
        await act({ put: 'a', value: '', lease }, { put: 'b', value: '', lease })
        await put('a')
        await lease.end()
        expect(await keys()).toEqual(['a'])
      })

      test('a lease keeps itself alive beyond its time to live', async () => {
        const lease = await store.lease(2)
        await act({ put: 'a', value: '', lease })
        // Time is what is tested: nothing happens that could be awaited.
        await sleep(5000)
        expect(lease.lost.aborted).toBe(false)
        expect(await keys()).toEqual(['a'])
        await lease.end()
      })

      test('a put with a lease that has ended is refused, and nothing is done', async () => {
        const lease = await store.lease(30)
        await lease.end()
        await expect(act({ put: 'x', value: '' }, { put: 'a', value: '', lease })).rejects.toThrow(/lease .* has ended/)
        expect(await keys()).toEqual([])
      })

      test.each([0, -1, 1.5, Number.NaN])('a time to live of %j is refused', async ttl => {
        await expect(store.lease(ttl)).rejects.toBeInstanceOf(StoreRequestError)
      })
    })

    describe('close', () => {
      test('ends watches and refuses calls, and twice is success', async () => {
        const { revision } = await store.range('')
        await using watch = new WatchReader(store, '', revision)
        await store.close()
        await store.close()
        await expect(watch.next()).rejects.toBeInstanceOf(StoreUnavailableError)
        await expect(store.get('a')).rejects.toBeInstanceOf(StoreUnavailableError)
        await expect(store.range('')).rejects.toBeInstanceOf(StoreUnavailableError)
        await expect(put('a')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
        await expect(store.lease(5)).rejects.toBeInstanceOf(StoreUnavailableError)
      })
    })
  })
}
