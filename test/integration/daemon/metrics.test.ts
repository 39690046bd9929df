import { describe, expect, it } from 'vitest'
import { Client } from 'undici'
import { DaemonProcess, freePort } from './daemon-process.ts'

const isRoot = process.getuid?.() === 0
const pool = { AddressSpace: 'local_scope', Pool: '10.44.0.0/24', SubPool: '', Options: {}, V6: false }

describe.skipIf(!isRoot)('the daemon’s metrics (needs root)', () => {
  it('count Docker’s calls by their outcome, on the socket and, where asked for, over TCP', async () => {
    const port = await freePort()
    await using daemon = await DaemonProcess.create({ DEFAULT: { metrics_bind: `127.0.0.1:${port}` } })
    await daemon.start()
    expect((await daemon.call('IpamDriver.RequestPool', pool)).status).toBe(200)
    expect((await daemon.call('IpamDriver.RequestPool', { Pool: 7 })).status).toBe(400)

    const client = new Client('http://plugin', { socketPath: daemon.socketPath })
    const onSocket = await (await client.request({ method: 'GET', path: '/kuryr/metrics' })).body.text()
    await client.close()
    const overTcp = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    for (const text of [onSocket, overTcp]) {
      expect(text).toContain('kuryr_plugin_calls_total{method="IpamDriver.RequestPool",outcome="ok"} 1\n')
      expect(text).toContain('kuryr_plugin_calls_total{method="IpamDriver.RequestPool",outcome="refused"} 1\n')
    }
    expect((await fetch(`http://127.0.0.1:${port}/kuryr/status`)).status).toBe(404)
    expect(await daemon.end()).toBe(0)
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow('fetch failed')
  })

  it('end the daemon with a clear error where their port is taken', async () => {
    await using first = await DaemonProcess.create({ DEFAULT: { metrics_bind: `127.0.0.1:${await freePort()}` } })
    await first.start()
    await using second = await DaemonProcess.create({
      DEFAULT: { metrics_bind: `127.0.0.1:${first.neutronPort}` },
    })
    second.launch()
    expect(await second.exited()).toBe(1)
    expect(second.output).toContain(`127.0.0.1:${first.neutronPort}`)
  })
})
