import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LogBackend } from '../../src/store/logged/log-backend.ts'
import type { LoggedStore } from '../../src/store/logged/logged-store.ts'
import { StoreCompactedError, type Store } from '../../src/store/store.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { WatchReader, shortly } from './watch-reader.ts'

/** A server on loopback that a test may hurt. */
export interface HurtServer {
  readonly endpoint: string
  readonly port: number
  start(): Promise<void>
  kill(): Promise<void>
  wipe(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  destroy(): Promise<void>
}

/** One kind of server, and how a store is opened on it. */
export interface LoggedStoreKind {
  makeServer: () => Promise<HurtServer>
  open: (place: { endpoints: string[]; prefix: string; timeoutMs: number }) => LoggedStore
  /** The server as the store sees it, past the store. */
  openBackend: (place: { endpoints: string[]; prefix: string }) => LogBackend
  /** Ends a lease at the server behind its holder's back. */
  removeLease: (lease: { endpoint: string; prefix: string; id: string }) => Promise<void>
}

const put = async (store: Store, key: string, value = ''): Promise<number> =>
  (await store.transaction({ when: [], then: [{ put: key, value }] })).revision

/** Counts up by compare and swap, until it succeeded. */
async function countUp(store: Store, key: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const { value = '0', modRevision = 0 } = (await store.get(key)) ?? {}
    const then = [{ put: key, value: String(Number(value) + 1) }]
    if ((await store.transaction({ when: [{ key, modRevision }], then })).succeeded) return
  }
  throw new Error('never won')
}

/** Asks until the server, which was just started or reached again, answers. */
async function answering(store: Store): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const range = await store.range('').catch(() => undefined)
    if (range) return range.revision
  }
  throw new Error('the store did not recover')
}

/** What `LoggedStore` promises beyond the store's contract: many processes, and losses of the server. */
export function loggedStoreContract(name: string, kind: LoggedStoreKind): void {
  let server: HurtServer
  let prefixes = 0
  const opened: Store[] = []

  const openAt = (endpoints: string[], prefix = `losses${++prefixes}`, timeoutMs = 5000): LoggedStore => {
    const store = kind.open({ endpoints, prefix, timeoutMs })
    opened.push(store)
    return store
  }
  const open = (prefix?: string, timeoutMs?: number): LoggedStore => openAt([server.endpoint], prefix, timeoutMs)

  beforeAll(async () => {
    server = await kind.makeServer()
    await server.start()
  })
  afterAll(async () => {
    for (const store of opened) await store.close()
    await server.destroy()
  })

  describe(`${name}: many processes on one log`, () => {
    test('writers that count up by compare and swap in three processes lose no count, and all see the same', async () => {
      const stores = [open('many', 20_000), open('many', 20_000), open('many', 20_000)]
      const [first] = stores
      const start = (await first?.range(''))?.revision ?? 0
      const watches = stores.map(store => new WatchReader(store, '', start))
      await Promise.all(stores.flatMap(store => Array.from({ length: 6 }, () => countUp(store, 'n'))))
      for (const store of stores) expect((await store.get('n'))?.value).toBe('18')
      const seen = await Promise.all(watches.map(async watch => (await watch.until(start + 18)).map(shortly)))
      expect(seen[0]).toEqual(Array.from({ length: 18 }, (_, i) => `${start + 1 + i}: +n=${i + 1}`))
      for (const batches of seen) expect(batches).toEqual(seen[0])
      for (const watch of watches) await watch[Symbol.asyncDispose]()
    })

    test('a read sees what another process wrote before it', async () => {
      const [one, other] = [open('fresh'), open('fresh')]
      for (let i = 0; i < 30; i++) {
        await put(one, 'a', String(i))
        expect((await other.get('a'))?.value).toBe(String(i))
      }
    })

    test('a condition that does not hold is not told from the past', async () => {
      const [one, other] = [open('conditions'), open('conditions')]
      for (let i = 0; i < 30; i++) {
        await put(one, `k${i}`)
        const when = [{ key: `k${i}`, exists: true }]
        expect(await other.transaction({ when, then: [] })).toMatchObject({ succeeded: true })
      }
    })

    test('what was put before a snapshot and after it is there for a process that comes later, large values too', async () => {
      const [one, running] = [open('late', 20_000), open('late', 20_000)]
      const large = 'ü'.repeat(700_000)
      await put(one, 'a', large)
      await put(one, 'b', '1')
      await running.range('')
      await one.compact()
      await put(one, 'b', '2')
      const last = await put(one, 'c')
      const late = open('late', 20_000)
      for (const store of [late, running]) {
        const { entries, revision } = await store.range('')
        expect(entries.map(({ key, value }) => [key, value === large ? 'large' : value])).toEqual([
          ['a', 'large'],
          ['b', '2'],
          ['c', ''],
        ])
        expect(revision).toBe(last)
      }
    })

    test('pieces that a snapshot made superfluous are removed', async () => {
      const store = open('short')
      const backend = kind.openBackend({ endpoints: [server.endpoint], prefix: 'short' })
      for (let i = 0; i < 10; i++) await put(store, 'a', String(i))
      const { signal } = new AbortController()
      expect(await backend.listPieces(signal)).toHaveLength(10)
      await store.compact()
      await put(store, 'a', 'after')
      // The snapshot's one piece, and one record.
      expect((await backend.listPieces(signal)).map(name => name.replace(/^[^-]*-/, '').slice(0, 6)).sort()).toEqual([
        'log-12',
        'snapsh',
      ])
      backend.close()
    })

    test('a log of more than a thousand records is shortened by itself', async () => {
      const store = open('long', 20_000)
      for (let round = 0; round < 11; round++) {
        await Promise.all(Array.from({ length: 100 }, (_, i) => put(store, `k${i}`, String(round))))
      }
      const backend = kind.openBackend({ endpoints: [server.endpoint], prefix: 'long' })
      const { signal } = new AbortController()
      await expect
        .poll(async () => (await backend.listPieces(signal)).some(name => name.includes('snapshot')), {
          timeout: 10_000,
        })
        .toBe(true)
      backend.close()
      expect((await open('long').range('')).entries).toEqual((await store.range('')).entries)
    })

    test('a head of another program, or of a newer release, is named, and left as it is', async () => {
      const store = open('foreign', 1000)
      await put(store, 'a')
      const backend = kind.openBackend({ endpoints: [server.endpoint], prefix: 'foreign' })
      const { signal } = new AbortController()
      const before = await backend.readHead(signal)
      const foreign = { head: Buffer.from('{"format":99}'), pieces: [], leases: [] }
      const answer = await backend.commit({ version: before?.version, ...foreign }, signal)
      await expect(store.get('a')).rejects.toThrow(/head at .* is not of format 1/)
      await expect(put(store, 'b')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
      const version = answer.done ? answer.version : undefined
      await backend.commit({ version, head: before?.bytes ?? Buffer.alloc(0), pieces: [], leases: [] }, signal)
      expect((await store.get('a'))?.key).toBe('a')
      backend.close()
    })
  })

  // Most of their time is waiting.
  describe.concurrent(`${name}: leases`, () => {
    test('keys of a process that died go when their time is over, and another process’s watch tells', async ({
      expect,
    }) => {
      const [dying, other] = [open('dying'), open('dying')]
      const lease = await dying.lease(2)
      const then = [
        { put: 'host', value: '', lease },
        { put: 'stays', value: '' },
      ]
      const { revision } = await dying.transaction({ when: [], then })
      await using watch = new WatchReader(other, '', revision)
      await dying.close()
      expect((await watch.next()).changes).toMatchObject([{ type: 'delete', key: 'host' }])
      expect((await other.range('')).entries.map(({ key }) => key)).toEqual(['stays'])
    })

    test('keys whose lease lapsed while nobody was there go when the next one comes', async ({ expect }) => {
      const dying = open('alone')
      const lease = await dying.lease(2)
      await dying.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
      await dying.close()
      const backend = kind.openBackend({ endpoints: [server.endpoint], prefix: 'alone' })
      const { signal } = new AbortController()
      await expect
        .poll(async () => (await backend.awaitLeases(undefined, signal)).ids.size, { timeout: 30_000 })
        .toBe(0)
      backend.close()
      const next = open('alone')
      await expect.poll(async () => (await next.range('')).entries, { timeout: 10_000 }).toEqual([])
    })

    test('a lease outlives a cut connection', async ({ expect }) => {
      const proxy = await TcpProxy.to(server.port)
      const store = openAt([proxy.endpoint])
      const lease = await store.lease(2)
      await store.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
      proxy.cut()
      // Time is what is tested: longer than the lease lives by itself (in Consul up to twice its time).
      await sleep(4500)
      expect(lease.lost.aborted).toBe(false)
      expect((await store.get('host'))?.key).toBe('host')
      await lease.end()
      await store.close()
      await proxy.close()
    })

    test('a lease is lost when the server is away for longer than it lives, and its signal says so', async ({
      expect,
    }) => {
      const proxy = await TcpProxy.to(server.port)
      const store = openAt([proxy.endpoint], 'lost', 1000)
      const lease = await store.lease(2)
      await store.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
      const lost = once(lease.lost, 'abort')
      await proxy.close()
      await lost
      const direct = open('lost')
      await expect.poll(() => direct.get('host'), { timeout: 20_000 }).toBeUndefined()
      await expect(store.transaction({ when: [], then: [{ put: 'a', value: '', lease }] })).rejects.toThrow(/was lost/)
      await store.close()
    })

    test('a put with a lease that the server has no more is refused by it, and takes no other along', async ({
      expect,
    }) => {
      const store = open('gone')
      const lease = await store.lease(30)
      await store.transaction({ when: [], then: [{ put: 'a', value: '', lease }] })
      await using watch = new WatchReader(store, '', (await store.range('')).revision)
      await kind.removeLease({ endpoint: server.endpoint, prefix: 'gone', id: lease.id })
      const [refused, done] = await Promise.allSettled([
        store.transaction({ when: [], then: [{ put: 'b', value: '', lease }] }),
        put(store, 'c'),
      ])
      expect(refused).toMatchObject({ status: 'rejected', reason: { name: 'StoreRequestError' } })
      expect(done.status).toBe('fulfilled')
      const seen = [await watch.next(), await watch.next()].flatMap(({ changes }) => changes)
      expect(seen.map(change => (change.type === 'put' ? `+${change.entry.key}` : `-${change.key}`)).sort()).toEqual([
        '+c',
        '-a',
      ])
      await lease.end()
    })
  })

  describe(`${name}: losses of the server`, () => {
    test('opens without it, refuses calls by their deadline, and works once it is up', async () => {
      const late = await kind.makeServer()
      try {
        const store = openAt([late.endpoint], 'late', 500)
        await using watch = new WatchReader(store, '', 1)
        await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
        await expect(put(store, 'a')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
        await expect(store.get('a')).rejects.toThrow(/not answered within 500 ms: .*ECONNREFUSED/)
        await late.start()
        await answering(store)
        await put(store, 'a', 'x')
        expect(shortly(await watch.next())).toBe('2: +a=x')
        await store.close()
      } finally {
        await late.destroy()
      }
    })

    test('a watch goes on over a kill and a restart, without a gap and without a repetition', async () => {
      const store = open()
      const { revision } = await store.range('')
      await using watch = new WatchReader(store, '', revision)
      await put(store, 'a', '1')
      await server.kill()
      await server.start()
      await answering(store)
      for (const value of ['2', '3']) await put(store, 'a', value)
      expect((await watch.until(revision + 3)).map(shortly)).toEqual([
        `${revision + 1}: +a=1`,
        `${revision + 2}: +a=2`,
        `${revision + 3}: +a=3`,
      ])
    })

    test('a watch notices that the server came back with its data gone', async () => {
      const other = await kind.makeServer()
      try {
        await other.start()
        const store = openAt([other.endpoint])
        for (const value of ['1', '2', '3']) await put(store, 'a', value)
        await using watch = new WatchReader(store, '', 1)
        await watch.until(4)
        await other.kill()
        await other.wipe()
        await other.start()
        await expect(watch.next()).rejects.toBeInstanceOf(StoreCompactedError)
        expect((await store.range('')).entries).toEqual([])
        await using early = new WatchReader(store, '', 4)
        await expect(early.next()).rejects.toBeInstanceOf(StoreCompactedError)
        await store.close()
      } finally {
        await other.destroy()
      }
    })

    test('calls to a stopped server end by their deadline, a write with an unknown outcome', async () => {
      const store = open(undefined, 600)
      await put(store, 'a')
      server.signal('SIGSTOP')
      try {
        await expect(put(store, 'b')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'unknown' })
        await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
        const call = { signal: AbortSignal.timeout(200) }
        const pending = store.transaction({ when: [], then: [{ put: 'a', value: '' }] }, call)
        await expect(pending).rejects.toThrow(/was aborted/)
      } finally {
        server.signal('SIGCONT')
      }
      await answering(store)
    })

    test('a write whose answer is lost is found to have been done, and done once', async () => {
      const proxy = await TcpProxy.to(server.port)
      const direct = open('answer')
      const store = openAt([proxy.endpoint], 'answer')
      const start = await put(store, 'n', '0')
      await using watch = new WatchReader(direct, '', start)
      proxy.swallowAnswers()
      const pending = put(store, 'n', 'written')
      expect(shortly(await watch.next())).toBe(`${start + 1}: +n=written`)
      proxy.cut()
      expect(await pending).toBe(start + 1)
      await put(store, 'n', 'after')
      expect(shortly(await watch.next())).toBe(`${start + 2}: +n=after`)
      await store.close()
      await proxy.close()
    })

    test('a write whose answer is lost, and which others followed, is found all the same', async () => {
      const proxy = await TcpProxy.to(server.port)
      const direct = open('followed')
      const store = openAt([proxy.endpoint], 'followed')
      const start = await put(store, 'n', '0')
      await using watch = new WatchReader(direct, '', start)
      proxy.swallowAnswers()
      const pending = store.transaction({ when: [{ key: 'n', modRevision: start }], then: [{ put: 'n', value: '1' }] })
      await watch.next()
      for (const value of ['2', '3']) await put(direct, 'n', value)
      proxy.cut()
      expect(await pending).toEqual({ succeeded: true, revision: start + 1 })
      expect((await store.get('n'))?.value).toBe('3')
      await store.close()
      await proxy.close()
    })

    test('writes through a connection that is cut again and again are each done once', async () => {
      const proxy = await TcpProxy.to(server.port)
      const direct = open('cuts', 20_000)
      const store = openAt([proxy.endpoint], 'cuts', 20_000)
      await store.range('')
      const cutting = setInterval(() => proxy.cut(), 60)
      try {
        for (let i = 0; i < 15; i++) await countUp(store, 'n')
      } finally {
        clearInterval(cutting)
      }
      expect((await direct.get('n'))?.value).toBe('15')
      // One revision for each, and one for the store's making.
      expect((await direct.range('')).revision).toBe(16)
      await store.close()
      await proxy.close()
    })

    test('a process that was away while the log was shortened is told to read all again', async () => {
      const proxy = await TcpProxy.to(server.port)
      const direct = open('behind', 20_000)
      const store = openAt([proxy.endpoint], 'behind', 20_000)
      const start = await put(store, 'a', '1')
      await using watch = new WatchReader(store, '', start)
      proxy.swallowAnswers()
      for (const value of ['2', '3']) await put(direct, 'a', value)
      await direct.compact()
      proxy.cut()
      await expect(watch.next()).rejects.toBeInstanceOf(StoreCompactedError)
      expect((await store.get('a'))?.value).toBe('3')
      await store.close()
      await proxy.close()
    })

    test('a dead endpoint before a living one costs no error', async () => {
      const store = openAt(['127.0.0.1:1', server.endpoint])
      expect(await put(store, 'a')).toBe(2)
    })

    test('a hundred calls and watches at once are served', async () => {
      const store = open(undefined, 20_000)
      const { revision } = await store.range('')
      const watches = Array.from({ length: 100 }, (_, i) => new WatchReader(store, `k${i}.`, revision))
      await Promise.all(watches.map((_, i) => put(store, `k${i}.`, String(i))))
      const values = await Promise.all(watches.map(async watch => (await watch.next()).changes))
      expect(values.map(changes => changes.length)).toEqual(watches.map(() => 1))
      for (const watch of watches) await watch[Symbol.asyncDispose]()
    })
  })
}
