import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EtcdClient } from '../../src/etcd/etcd-client.ts'
import { openEtcdStore, type EtcdStore, type EtcdStoreOptions } from '../../src/store/etcd/etcd-store.ts'
import { StoreCompactedError, type Store } from '../../src/store/store.ts'
import { EtcdProcess, makeCertificates } from './etcd-process.ts'
import { storeContract, type FreshStore } from './store.contract.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { WatchReader, shortly } from './watch-reader.ts'

const log = { info: () => undefined, warn: () => undefined }
let etcd: EtcdProcess
const stores: Store[] = []
let prefixes = 0

/** A store under a prefix of its own, closed after the tests. */
function open(options: Partial<EtcdStoreOptions> = {}): EtcdStore {
  const store = openEtcdStore({ endpoints: [etcd.endpoint], prefix: `/test/${++prefixes}/`, log, ...options })
  stores.push(store)
  return store
}

const put = async (store: Store, key: string, value = ''): Promise<number> =>
  (await store.transaction({ when: [], then: [{ put: key, value }] })).revision

/** Asks until etcd, which was just started or reached again, answers. */
async function answering(store: Store): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const range = await store.range('').catch(() => undefined)
    if (range) return range.revision
  }
  throw new Error('the store did not recover')
}

beforeAll(async () => {
  etcd = await EtcdProcess.create()
  await etcd.start()
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await etcd.destroy()
})

storeContract('EtcdStore on etcd 3.4', () => openFresh(etcd))

describe('the other etcd', () => {
  let newer: EtcdProcess
  beforeAll(async () => {
    newer = await EtcdProcess.create({ version: '3.5' })
    await newer.start()
  })
  afterAll(() => newer.destroy())
  storeContract('EtcdStore on etcd 3.5', () => openFresh(newer))
})

/** A longer time than usual for the calls: a whole suite runs beside on few cores. */
async function openFresh(server: EtcdProcess): Promise<FreshStore> {
  const store = open({ endpoints: [server.endpoint], timeoutMs: 20_000 })
  await store.range('')
  const compact = async (): Promise<void> => {
    const client = new EtcdClient({ endpoints: [server.endpoint], log })
    await client.compact(Number((await client.range({ key: 'any' })).header.revision))
    client.close()
  }
  return { store, compact }
}

describe('EtcdStore and losses of etcd', () => {
  test('opens without etcd, refuses calls by their deadline, and works once etcd is up', async () => {
    const late = await EtcdProcess.create()
    try {
      const store = open({ endpoints: [late.endpoint], timeoutMs: 1500 })
      await using watch = new WatchReader(store, '', 1)
      const began = performance.now()
      await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
      await expect(put(store, 'a')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
      await expect(store.lease(5)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
      expect(performance.now() - began).toBeLessThan(6000)
      await late.start()
      await answering(store)
      await put(store, 'a', 'x')
      expect(shortly(await watch.next())).toBe('2: +a=x')
    } finally {
      await late.destroy()
    }
  })

  test('a watch goes on over a kill and a restart, without a gap and without a repetition', async () => {
    const store = open()
    const { revision } = await store.range('')
    await using watch = new WatchReader(store, '', revision)
    await put(store, 'a', '1')
    expect(shortly(await watch.next())).toBe(`${revision + 1}: +a=1`)
    await etcd.kill()
    await etcd.start()
    await answering(store)
    for (const value of ['2', '3', '4']) await put(store, 'a', value)
    expect((await watch.until(revision + 4)).map(shortly)).toEqual([
      `${revision + 2}: +a=2`,
      `${revision + 3}: +a=3`,
      `${revision + 4}: +a=4`,
    ])
  })

  test('a watch notices that etcd came back with its data gone', async () => {
    const other = await EtcdProcess.create()
    try {
      await other.start()
      const store = open({ endpoints: [other.endpoint] })
      for (const value of ['1', '2', '3']) await put(store, 'a', value)
      await using watch = new WatchReader(store, '', 1)
      await watch.until(4)
      await other.kill()
      await other.wipe()
      await other.start()
      await expect(watch.next()).rejects.toBeInstanceOf(StoreCompactedError)
    } finally {
      await other.destroy()
    }
  })

  test('calls to a stopped etcd end by their deadline, a write with an unknown outcome', async () => {
    const store = open({ timeoutMs: 1000 })
    await put(store, 'a')
    etcd.signal('SIGSTOP')
    try {
      const began = performance.now()
      await expect(put(store, 'b')).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'unknown' })
      await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
      expect(performance.now() - began).toBeLessThan(4000)
    } finally {
      etcd.signal('SIGCONT')
    }
    await answering(store)
  })

  test('a call to a stopped etcd ends when its signal aborts', async () => {
    const store = open()
    await put(store, 'a')
    etcd.signal('SIGSTOP')
    try {
      const call = { signal: AbortSignal.timeout(200) }
      const pending = store.transaction({ when: [], then: [{ put: 'a', value: '' }] }, call)
      await expect(pending).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'unknown' })
    } finally {
      etcd.signal('SIGCONT')
    }
  })

  test('a connection cut before the answer leaves the outcome unknown, and the write is not repeated', async () => {
    const proxy = await TcpProxy.to(etcd.port)
    const prefix = `/test/${++prefixes}/`
    const direct = open({ prefix })
    const store = open({ endpoints: [proxy.endpoint], prefix })
    await put(store, 'n', '0')
    const { revision } = await direct.range('')
    await using watch = new WatchReader(direct, '', revision)
    await using through = new WatchReader(store, '', revision)
    proxy.swallowAnswers()
    const pending = put(store, 'n', 'written')
    pending.catch(() => undefined)
    expect(shortly(await watch.next())).toBe(`${revision + 1}: +n=written`)
    proxy.cut()
    await expect(pending).rejects.toMatchObject({ name: 'StoreUnavailableError', outcome: 'unknown' })
    await answering(store)
    await put(store, 'n', 'after')
    expect(shortly(await watch.next())).toBe(`${revision + 2}: +n=after`)
    expect((await through.until(revision + 2)).map(shortly)).toEqual([
      `${revision + 1}: +n=written`,
      `${revision + 2}: +n=after`,
    ])
    await proxy.close()
  })

  test('a dead endpoint before a living one costs no error', async () => {
    const proxy = await TcpProxy.to(etcd.port)
    await proxy.close()
    const store = open({ endpoints: ['127.0.0.1:1', etcd.endpoint] })
    expect(await put(store, 'a')).toBeGreaterThan(1)
    await using watch = new WatchReader(store, 'a', (await store.range('')).revision)
    await put(store, 'a', 'x')
    expect((await watch.next()).changes).toHaveLength(1)
  })

  test('a lease is lost when etcd is away for longer than it lives, and its signal says so', async () => {
    const proxy = await TcpProxy.to(etcd.port)
    const store = open({ endpoints: [proxy.endpoint], timeoutMs: 1000 })
    const lease = await store.lease(2)
    await store.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
    const lost = once(lease.lost, 'abort')
    await proxy.close()
    await lost
    const direct = open()
    expect(await direct.get('host')).toBeUndefined()
    await expect(store.transaction({ when: [], then: [{ put: 'a', value: '', lease }] })).rejects.toThrow(/was lost/)
  })

  test('a lease that somebody else revoked is lost', async () => {
    const store = open()
    const lease = await store.lease(2)
    await etcd.ctl(['lease', 'revoke', BigInt(lease.id).toString(16)])
    if (!lease.lost.aborted) await once(lease.lost, 'abort')
    await lease.end()
  })

  test('keys of a closed store with a lease go when its time is over', async () => {
    const prefix = `/test/${++prefixes}/`
    const store = open({ prefix })
    const lease = await store.lease(2)
    await store.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
    const other = open({ prefix })
    await using watch = new WatchReader(other, '', (await other.range('')).revision)
    await store.close()
    expect((await watch.next()).changes).toMatchObject([{ type: 'delete', key: 'host' }])
  })

  test('keys lie under the prefix in etcd, as they are', async () => {
    const store = open({ prefix: '/kuryr/' })
    await put(store, 'networks/1', 'value')
    expect(await etcd.ctl(['get', '/kuryr/', '--prefix'])).toBe('/kuryr/networks/1\nvalue\n')
    await store.transaction({ when: [], then: [{ deletePrefix: '' }] })
  })

  test('a hundred calls and watches at once are served over one connection', async () => {
    const store = open({ timeoutMs: 20_000 })
    const { revision } = await store.range('')
    const watches = Array.from({ length: 100 }, (_, i) => new WatchReader(store, `k${i}.`, revision))
    await Promise.all(watches.map((_, i) => put(store, `k${i}.`, String(i))))
    const values = await Promise.all(watches.map(async watch => (await watch.next()).changes))
    expect(values.map(changes => changes.length)).toEqual(watches.map(() => 1))
    for (const watch of watches) await watch[Symbol.asyncDispose]()
  })
})

describe('EtcdStore and etcd with authentication', () => {
  let guarded: EtcdProcess
  beforeAll(async () => {
    guarded = await EtcdProcess.create()
    await guarded.start()
    await guarded.ctl(['user', 'add', 'root:rootpw'])
    await guarded.ctl(['user', 'add', 'kuryr:secret'])
    await guarded.ctl(['role', 'add', 'kuryr'])
    await guarded.ctl(['role', 'grant-permission', 'kuryr', 'readwrite', '/kuryr/', '--prefix'])
    await guarded.ctl(['user', 'grant-role', 'kuryr', 'kuryr'])
  })
  afterAll(() => guarded.destroy())
  const login = { username: 'kuryr', password: 'secret' }

  test('a login is no harm while none is asked for, and is used once it is; a token of before a restart is renewed', async () => {
    const store = open({ endpoints: [guarded.endpoint], prefix: '/kuryr/', ...login })
    const before = await put(store, 'a', 'open')
    await using watch = new WatchReader(store, '', before)
    await guarded.ctl(['user', 'grant-role', 'root', 'root'])
    await guarded.ctl(['auth', 'enable'])
    guarded.user = 'root:rootpw'
    await put(store, 'a', 'guarded')
    expect((await watch.next()).changes).toMatchObject([{ entry: { value: 'guarded' } }])
    const lease = await store.lease(30)
    await store.transaction({ when: [], then: [{ put: 'leased', value: '', lease }] })
    await guarded.kill()
    // etcd keeps its tokens in memory.
    await guarded.start()
    await answering(store)
    await put(store, 'a', 'again')
    const { entries } = await store.range('')
    expect(entries.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=again', 'leased='])
    await watch.until((await store.get('a'))?.modRevision ?? 0)
    await lease.end()
  })

  test.each([
    ['a wrong password', { username: 'kuryr', password: 'wrong' }, '/kuryr/', /authentication failed/],
    ['no login', {}, '/kuryr/', /user name is empty/],
    ['a prefix that the user may not use', login, '/other/', /permission denied/],
  ])('%s is refused at once, with the reason and without the password', async (_title, who, prefix, reason) => {
    const store = open({ endpoints: [guarded.endpoint], prefix, timeoutMs: 4000, ...who })
    const error: unknown = await put(store, 'a').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'StoreUnavailableError', outcome: 'not-done' })
    expect((error as Error).message).toMatch(reason)
    expect((error as Error).message).not.toContain('wrong')
  })
})

describe('EtcdStore and etcd with TLS', () => {
  let directory: string
  let secure: EtcdProcess
  let files: Awaited<ReturnType<typeof makeCertificates>>
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kuryr-etcd-tls-'))
    files = await makeCertificates(directory)
    secure = await EtcdProcess.create({ tls: files })
    await secure.start()
  })
  afterAll(async () => {
    await secure.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  test('works with the authority and a client certificate', async () => {
    const tls = { caFile: files.caFile, certFile: files.clientCertFile, keyFile: files.clientKeyFile }
    const store = open({ endpoints: [secure.endpoint], tls })
    const revision = await put(store, 'a', 'x')
    await using watch = new WatchReader(store, '', revision - 1)
    expect(shortly(await watch.next())).toBe(`${revision}: +a=x`)
  })

  test.each([
    ['without a client certificate', () => ({ caFile: files.caFile })],
    ['with an authority that did not sign the server', () => ({})],
  ])('%s calls are refused', async (_title, tls) => {
    const store = open({ endpoints: [secure.endpoint], tls: tls(), timeoutMs: 1500 })
    await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  })

  test('a file that is missing is named at the opening', () => {
    expect(() => open({ endpoints: [secure.endpoint], tls: { caFile: '/nowhere/ca.pem' } })).toThrow('/nowhere/ca.pem')
  })
})

test('an etcd that accepts connections and never answers a watch does not hold it for good', async () => {
  const proxy = await TcpProxy.to(etcd.port)
  const store = open({ endpoints: [proxy.endpoint], timeoutMs: 1000 })
  const { revision } = await store.range('')
  proxy.swallowAnswers()
  await using watch = new WatchReader(store, '', revision)
  // Long enough for the unconfirmed watch to be given up.
  await sleep(1500)
  proxy.cut()
  await answering(store)
  const written = await put(store, 'a', 'x')
  expect(shortly(await watch.next())).toBe(`${written}: +a=x`)
  await proxy.close()
})
