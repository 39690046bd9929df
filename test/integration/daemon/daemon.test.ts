import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { EtcdProcess } from '../../contract/etcd-process.ts'
import { DaemonProcess } from './daemon-process.ts'

const isRoot = process.getuid?.() === 0
const pool = { AddressSpace: 'global_scope', Pool: '10.44.0.0/24', SubPool: '', Options: {}, V6: false }

describe.skipIf(!isRoot)('the daemon as a process (needs root)', () => {
  it('started while etcd is away answers Docker at once, fails calls clearly by their deadline, and works when etcd comes', async () => {
    const etcd = await EtcdProcess.create()
    // No dockerd runs here, for which sharing would wait.
    const sharing = { enabled: 'false' }
    await using daemon = await DaemonProcess.create({ store: { url: `etcd://${etcd.endpoint}` }, sharing })
    try {
      await daemon.start()
      expect((await daemon.call('Plugin.Activate')).body).toEqual({ Implements: ['NetworkDriver', 'IpamDriver'] })
      expect(await daemon.status()).toMatchObject({ store: { state: 'unreachable' } })
      const start = performance.now()
      const refused = await daemon.call('IpamDriver.RequestPool', pool)
      // Its deadline of 3 s, and 5 s to undo what it may have made.
      expect(performance.now() - start).toBeLessThan(10_000)
      expect(refused.status).toBeGreaterThanOrEqual(500)
      expect(refused.body.Err).toContain('not done within its deadline of 3 s')
      await etcd.start()
      await vi.waitFor(
        async () => expect(await daemon.call('IpamDriver.RequestPool', pool)).toMatchObject({ status: 200 }),
        { timeout: 20_000 },
      )
      await vi.waitFor(async () => expect((await daemon.status()).problems).toEqual([]), { timeout: 20_000 })

      await etcd.kill()
      await vi.waitFor(async () => expect(await daemon.status()).toMatchObject({ store: { state: 'unreachable' } }), {
        timeout: 20_000,
      })
      await etcd.wipe()
      await etcd.start()
      await vi.waitFor(
        async () => {
          const { store, problems } = await daemon.status()
          expect(store?.state).toBe('connected')
          expect(problems.map(({ why }) => why).join()).toContain(join(daemon.directory, 'store.json'))
        },
        { timeout: 20_000 },
      )
      const { status, body } = await daemon.call('IpamDriver.RequestPool', { ...pool, Pool: '10.45.0.0/24' })
      expect(status).toBe(503)
      expect(body.Err).toContain('emptied or replaced')
      expect(await daemon.end()).toBe(0)
    } finally {
      await etcd.destroy()
    }
  }, 90_000)

  it('stopped while calls run ends in order and removes its socket', async () => {
    await using daemon = await DaemonProcess.create({
      store: { url: 'etcd://127.0.0.1:1' },
      DEFAULT: { call_timeout: 60 },
    })
    await daemon.start()
    const running = Promise.allSettled([1, 2, 3].map(() => daemon.call('IpamDriver.RequestPool', pool)))
    await vi.waitFor(async () => expect((await daemon.status()).store?.state).toBe('unreachable'), { timeout: 20_000 })
    const start = performance.now()
    expect(await daemon.end()).toBe(0)
    // They may go on for 10 s, and then have 6 s to undo what they made.
    expect(performance.now() - start).toBeLessThan(25_000)
    for (const outcome of await running)
      if (outcome.status === 'fulfilled') expect(outcome.value.status).toBeGreaterThanOrEqual(500)
    expect(existsSync(daemon.socketPath)).toBe(false)
  })

  it('whose port for Neutron is taken ends with a clear error, status 1 and no socket left', async () => {
    await using daemon = await DaemonProcess.create()
    const other = createServer().listen(daemon.neutronPort, '127.0.0.1')
    await once(other, 'listening')
    daemon.launch()
    expect(await daemon.exited()).toBe(1)
    expect(daemon.output).toMatch(new RegExp(`EADDRINUSE.*127.0.0.1:${daemon.neutronPort}`))
    expect(existsSync(daemon.socketPath)).toBe(false)
    other.close()
  })

  it('whose socket a live daemon has ends with a clear error, and the live one goes on', async () => {
    await using daemon = await DaemonProcess.create()
    await daemon.start()
    await using second = await DaemonProcess.create({ DEFAULT: { kuryr_uri: `unix://${daemon.socketPath}` } })
    second.launch()
    expect(await second.exited()).toBe(1)
    expect(second.output).toContain(daemon.socketPath)
    expect((await daemon.call('Plugin.Activate')).status).toBe(200)
  })

  it('whose SQLite file another daemon holds ends with a clear error that names the file', async () => {
    await using daemon = await DaemonProcess.create()
    await daemon.start()
    const file = join(daemon.directory, 'neutron.db')
    await using second = await DaemonProcess.create({ store: { url: `sqlite://${file}` } })
    second.launch()
    expect(await second.exited()).toBe(1)
    expect(second.output).toContain(file)
    expect((await daemon.call('IpamDriver.RequestPool', pool)).status).toBe(200)
  })

  it('whose state_path cannot be a directory ends with a clear error that names it', async () => {
    await using daemon = await DaemonProcess.create()
    const file = join(daemon.directory, 'a-file')
    await writeFile(file, '')
    const url = `sqlite://${join(file, 'state', 'neutron.db')}`
    await daemon.configure({ DEFAULT: { state_path: join(file, 'state') }, store: { url } })
    daemon.launch()
    expect(await daemon.exited()).toBe(1)
    expect(daemon.output).toContain(file)
    expect(existsSync(daemon.socketPath)).toBe(false)
  })

  it('on etcd whose state_path cannot be a directory says so too, before it takes anything in', async () => {
    await using daemon = await DaemonProcess.create({ store: { url: 'etcd://127.0.0.1:1' } })
    const file = join(daemon.directory, 'a-file')
    await writeFile(file, '')
    await daemon.configure({ DEFAULT: { state_path: join(file, 'state') } })
    daemon.launch()
    expect(await daemon.exited()).toBe(1)
    expect(daemon.output).toContain(join(file, 'state'))
  })

  it('writes to log_file, and never its token or the store’s password', async () => {
    const etcd = await EtcdProcess.create()
    await etcd.start()
    await using daemon = await DaemonProcess.create({
      store: { url: `etcd://${etcd.endpoint}`, username: 'kuryr', password: 'sesame-password' },
      neutron_service: { token: 'sesame-token' },
    })
    try {
      await mkdir(join(daemon.directory, 'logs'))
      await daemon.configure({ DEFAULT: { debug: 'true', log_file: join(daemon.directory, 'logs', 'kuryr.log') } })
      await daemon.start()
      const url = `http://127.0.0.1:${daemon.neutronPort}/v2.0/networks`
      await vi.waitFor(async () => expect((await fetch(url)).status).toBe(401), { timeout: 10_000 })
      await fetch(url, { headers: { 'x-auth-token': 'sesame-token' } })
      await daemon.call('IpamDriver.RequestPool', { ...pool, Options: { password: 'sesame-option' } })
      const status = JSON.stringify(await daemon.status())
      expect(await daemon.end()).toBe(0)
      const log = daemon.readLog('logs/kuryr.log')
      expect(log).toContain('kuryr is up')
      expect(log + status + daemon.output).not.toMatch(/sesame-(token|password)/)
      expect(daemon.output).toBe('')
    } finally {
      await etcd.destroy()
    }
  })
})
