import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { StoreClock } from '../../src/store/sqlite/lease-table.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { storeContract } from './store.contract.ts'
import { WatchReader } from './watch-reader.ts'

const directory = mkdtempSync(join(tmpdir(), 'kuryr-sqlite-test-'))
let files = 0
const newFile = (): string => join(directory, `${++files}`, 'deep', 'kuryr.db')
afterAll(() => rmSync(directory, { recursive: true }))

storeContract('SqliteStore', () => {
  const store = openSqliteStore({ path: newFile(), historyLength: 1000 })
  const compact = async (): Promise<void> => {
    for (let i = 0; i < 2000; i++) await store.transaction({ when: [], then: [{ put: 'compact', value: String(i) }] })
  }
  return Promise.resolve({ store, compact })
})

/** A process that opens the store, does what `script` says and waits to be killed. */
async function otherProcess(path: string, script: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const module = new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href
  const source = `import { openSqliteStore } from '${module}'
    const store = openSqliteStore({ path: ${JSON.stringify(path)} })
    ${script}
    process.stdout.write('ready')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return { pid: child.pid ?? 0, kill }
}

describe('the file of SqliteStore', () => {
  test('is made with its directories, for this user alone', async () => {
    const path = newFile()
    const store = openSqliteStore({ path })
    await store.transaction({ when: [], then: [{ put: 'a', value: '' }] })
    const modeOf = (file: string): number => statSync(file).mode & 0o777
    expect([modeOf(join(path, '..')), modeOf(path), modeOf(`${path}-wal`)]).toEqual([0o700, 0o600, 0o600])
    await store.close()
  })

  test('keeps entries and revision over a kill of its process', async () => {
    const path = newFile()
    const other = await otherProcess(
      path,
      `for (let i = 0; i < 50; i++) await store.transaction({ when: [], then: [{ put: 'k' + i, value: 'v' }] })`,
    )
    await other.kill()
    const store = openSqliteStore({ path })
    const { entries, revision } = await store.range('')
    expect([entries.length, revision]).toEqual([50, 51])
    await store.close()
  })

  test('is refused to a second opener, which is told the file and the process that holds it', async () => {
    const path = newFile()
    const other = await otherProcess(path, '')
    try {
      expect(() => openSqliteStore({ path })).toThrow(`${path} is in use by process ${other.pid} (${process.execPath}`)
    } finally {
      await other.kill()
    }
    const store = openSqliteStore({ path })
    expect(() => openSqliteStore({ path })).toThrow(`${path} is in use by this very process`)
    await store.transaction({ when: [], then: [{ put: 'still', value: 'works' }] })
    await store.close()
  })

  test.each([
    [
      'no database',
      (path: string) => writeFileSync(path, 'something else entirely, for long enough'.repeat(50)),
      /damaged or no database/,
    ],
    ['cut off', (path: string) => truncateSync(path, 5000), /damaged or no database/],
    ['of a newer version', (path: string) => alter(path, 'PRAGMA user_version = 7'), /has version 7, .* up to 1/],
    ['of another program', (path: string) => alter(path, 'PRAGMA application_id = 1'), /database of another program/],
  ])('that is %s is refused by its name and left as it was', async (_title, spoil, message) => {
    const path = newFile()
    const store = openSqliteStore({ path })
    await store.transaction({ when: [], then: [{ put: 'a', value: 'x'.repeat(50_000) }] })
    await store.close()
    spoil(path)
    const before = readFileSync(path)
    expect(() => openSqliteStore({ path })).toThrow(message)
    expect(() => openSqliteStore({ path })).toThrow(path)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('an empty file, as a process that died while creating it leaves it, is taken', async () => {
    const path = newFile()
    await openSqliteStore({ path }).close()
    truncateSync(path, 0)
    const store = openSqliteStore({ path })
    expect((await store.range('')).revision).toBe(1)
    await store.close()
  })

  test('a directory that cannot be made is named', () => {
    expect(() => openSqliteStore({ path: '/dev/null/kuryr.db' })).toThrow(/\/dev\/null\/kuryr.db cannot be created/)
  })
})

describe('leases of SqliteStore', () => {
  test('of a killed process end after their time to live, seen by a watch', async () => {
    const path = newFile()
    const other = await otherProcess(
      path,
      `const lease = await store.lease(1)
       await store.transaction({ when: [], then: [{ put: 'host', value: '', lease }, { put: 'stays', value: '' }] })`,
    )
    await other.kill()
    const store = openSqliteStore({ path })
    const { revision } = await store.range('')
    await using watch = new WatchReader(store, '', revision)
    expect((await watch.next()).changes).toEqual([{ type: 'delete', key: 'host', modRevision: revision + 1 }])
    await store.close()
  })

  test('of a process that is long dead end at the opening, and never later than their time to live', async () => {
    const path = newFile()
    const clock = new ManualClock()
    const first = openSqliteStore({ path, clock })
    const lease = await first.lease(10)
    await first.transaction({ when: [], then: [{ put: 'host', value: '', lease }] })
    await first.close()
    clock.pass(-1_000_000)
    const second = openSqliteStore({ path, clock })
    clock.pass(9_999)
    expect(await second.get('host')).toBeDefined()
    clock.pass(1)
    expect(await second.get('host')).toBeUndefined()
    await second.close()
  })
})

function alter(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

class ManualClock implements StoreClock {
  #now = 2_000_000_000_000
  readonly #timers = new Set<{ at: number; act: () => void }>()

  now(): number {
    return this.#now
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { at: this.#now + milliseconds, act }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer)
      timer.act()
    }
  }
}
