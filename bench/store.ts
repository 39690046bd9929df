/**
 * What the store costs above the bare thing under it, measured in the same run: `bin/node bench/store.ts [rounds]`.
 * Floors: for SQLite one prepared INSERT with its commit (same file system, same durability) and one prepared SELECT;
 * for etcd one Put and one Range over a bare gRPC connection with hand-made messages; for Consul one PUT and one
 * consistent GET of a key by undici alone; for ZooKeeper one setData and one sync with getData over our connection alone.
 * One call at a time, in turns with its floor, so that a busy machine burdens both alike; medians.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Agent } from 'undici'
import { openConsulStore } from '../src/store/consul/open-consul-store.ts'
import { openEtcdStore } from '../src/store/etcd/etcd-store.ts'
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import type { Store } from '../src/store/store.ts'
import { openZooKeeperStore } from '../src/store/zookeeper/open-zookeeper-store.ts'
import { actsRequest, createRequest, getDataRequest, syncRequest } from '../src/zookeeper/protocol.ts'
import { ZooKeeperConnection } from '../src/zookeeper/zookeeper-connection.ts'
import { ConsulProcess } from '../test/contract/consul-process.ts'
import { EtcdProcess } from '../test/contract/etcd-process.ts'
import { ZooKeeperProcess } from '../test/contract/zookeeper-process.ts'
import { BareEtcd } from './bare-etcd.ts'

interface Floor {
  write(key: string, value: string): Promise<unknown>
  read(key: string): Promise<unknown>
}

const rounds = Number(process.argv[2] ?? 500)
const value = JSON.stringify({ id: 'x'.repeat(36), fixed_ips: [{ subnet_id: 'y'.repeat(36), ip_address: '10.0.0.2' }] })
const directory = await mkdtemp(join(tmpdir(), 'kuryr-bench-store-'))
const etcd = await EtcdProcess.create()
const consul = await ConsulProcess.create()
const zookeeper = await ZooKeeperProcess.create()
const servers = [etcd, consul, zookeeper]
try {
  for (const server of servers) await server.start()
  const log = { info: () => undefined, warn: () => undefined }
  print(`store, ${rounds} rounds, medians`)
  print(row('store', 'act', 'ms', 'floor', 'ms', 'ratio'))
  const sqlite = openSqliteStore({ path: join(directory, 'store.db') })
  await measure('sqlite', sqlite, { write: 'INSERT + commit', read: 'SELECT', ...sqliteFloor() })
  const remote = openEtcdStore({ endpoints: [etcd.endpoint], log })
  await measure('etcd', remote, { write: 'bare gRPC Put', read: 'bare gRPC Range', ...etcdFloor() })
  const onConsul = openConsulStore({ endpoints: [consul.endpoint], prefix: 'kuryr/', log })
  await measure('consul', onConsul, { write: 'bare PUT', read: 'bare GET ?consistent', ...consulFloor() })
  const onZooKeeper = openZooKeeperStore({ endpoints: [zookeeper.endpoint], prefix: '/kuryr', log })
  await measure('zookeeper', onZooKeeper, {
    write: 'bare setData',
    read: 'bare sync, getData',
    ...(await zooKeeperFloor()),
  })
} finally {
  for (const server of servers) await server.destroy()
  await rm(directory, { recursive: true })
}

async function measure(
  name: string,
  store: Store,
  floor: { write: string; read: string; calls: Floor },
): Promise<void> {
  const times = { get: [], transaction: [], create: [], watch: [], write: [], read: [] } as Record<string, number[]>
  const { revision } = await store.range('')
  const stop = new AbortController()
  const batches = store.watch('', revision, stop.signal)[Symbol.asyncIterator]()
  const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const began = performance.now()
    await act()
    times[what]?.push(performance.now() - began)
  }
  for (let i = -20; i < rounds; i++) {
    // The first ones warm up and are dropped below.
    const key = `ports/${i}`
    const create = { when: [{ key, exists: false }], then: [{ put: key, value }] }
    // Each pair follows an untimed act of its own kind: the first after the other's finds its caches cold.
    await floor.calls.write(`${key}/before`, value)
    await timed('write', () => floor.calls.write(key, value))
    await store.transaction({ when: [], then: [{ put: 'before', value }] })
    await batches.next()
    await timed('create', () => store.transaction(create))
    await batches.next()
    await timed('transaction', () => store.transaction({ when: [], then: [{ put: key, value }] }))
    await batches.next()
    await timed('watch', () => Promise.all([store.transaction({ when: [], then: [{ delete: key }] }), batches.next()]))
    await floor.calls.read(key)
    await timed('read', () => floor.calls.read(key))
    await store.get('before')
    await timed('get', () => store.get('before'))
  }
  const median = (what: string): number => times[what]?.slice(20).sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN
  const line = (what: string, act: string, under: 'write' | 'read'): void => {
    const [own, bare] = [median(act), median(under)]
    print(row(name, what, own.toFixed(3), floor[under], bare.toFixed(3), (own / bare).toFixed(2)))
  }
  line('get', 'get', 'read')
  line('put', 'transaction', 'write')
  line('create if absent', 'create', 'write')
  line('write to watch', 'watch', 'write')
  stop.abort()
  await store.close()
}

function sqliteFloor(): { calls: Floor } {
  const database = new DatabaseSync(join(directory, 'floor.db'))
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID')
  const insert = database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?)')
  const select = database.prepare('SELECT value FROM entry WHERE key = ?')
  return {
    calls: {
      write: (key, text) => Promise.resolve(insert.run(key, text)),
      read: key => Promise.resolve(select.get(key)),
    },
  }
}

function etcdFloor(): { calls: Floor } {
  const bare = new BareEtcd(etcd.endpoint)
  return { calls: { write: (key, text) => bare.put(`/floor/${key}`, text), read: key => bare.range(`/floor/${key}`) } }
}

function consulFloor(): { calls: Floor } {
  const agent = new Agent()
  const ask = async (method: 'GET' | 'PUT', path: string, body: string | null = null): Promise<unknown> => {
    const answer = await agent.request({
      origin: `http://${consul.endpoint}`,
      method,
      path: `/v1/kv/floor/${path}`,
      body,
    })
    return answer.body.arrayBuffer()
  }
  return {
    calls: { write: (key, text) => ask('PUT', key, text), read: key => ask('GET', `${key}?consistent`) },
  }
}

/** One node for all keys: what is measured is the round trip. */
async function zooKeeperFloor(): Promise<{ calls: Floor }> {
  const { signal } = new AbortController()
  const connection = await ZooKeeperConnection.open({ endpoint: zookeeper.endpoint, sessionTimeoutMs: 10_000 }, signal)
  await connection.request(createRequest({ create: '/floor', data: Buffer.alloc(0), access: 'world' }))
  return {
    calls: {
      write: (_key, text) => connection.request(actsRequest([{ set: '/floor', data: Buffer.from(text), version: -1 }])),
      read: () =>
        Promise.all([connection.request(syncRequest('/floor')), connection.request(getDataRequest('/floor', false))]),
    },
  }
}

function row(...cells: string[]): string {
  return cells.map((cell, index) => cell.padEnd([10, 18, 10, 22, 10, 8][index] ?? 8)).join('')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
