import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { OvsdbClient } from '../../../src/ovsdb/ovsdb-client.ts'
import type { Operation } from '../../../src/ovsdb/protocol.ts'
import { readMap } from '../../../src/ovsdb/values.ts'
import { provideDebianPackages } from '../../lab/openstack/openstack-packages.ts'
import { freePort } from '../../lab/openstack/service-place.ts'
import { LongRunning } from '../../lab/processes/long-running.ts'
import { outputOf } from '../../lab/processes/run-program.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'

const countBridges: Operation = { op: 'select', table: 'Bridge', where: [], columns: ['name'] }
const endless: Operation = {
  ...{ op: 'wait', table: 'Bridge', where: [['name', '==', 'none']], columns: ['name'] },
  ...{ until: '==', rows: [{ name: 'none' }], timeout: 60_000 },
}

describe('the OVSDB client, on a real ovsdb-server', () => {
  let directory: string
  let port: number
  let server: LongRunning
  const clients: OvsdbClient[] = []

  beforeAll(async () => {
    await provideDebianPackages(['openvswitch-switch'])
    directory = await mkdtemp(path.join(tmpdir(), 'kuryr-ovsdb-'))
    port = await freePort()
    await outputOf('ovsdb-tool', ['create', `${directory}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema'])
    await startServer()
    await outputOf('ovs-vsctl', [`--db=unix:${directory}/db.sock`, '--no-wait', 'init'])
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
  })
  afterAll(async () => {
    await server.stop(5000)
    await rm(directory, { recursive: true })
  })

  async function startServer(): Promise<void> {
    const remotes = [`--remote=punix:${directory}/db.sock`, '--remote=db:Open_vSwitch,Open_vSwitch,manager_options']
    const args = [`${directory}/conf.db`, ...remotes, `--remote=ptcp:${port}:127.0.0.1`, `--unixctl=${directory}/ctl`]
    const logFile = `${directory}/log`
    server = await LongRunning.start({ name: 'ovsdb-server', program: 'ovsdb-server', args, environment: {}, logFile })
    await waitUntil('ovsdb-server does not listen', 10_000, async () => {
      await outputOf('ovs-vsctl', [`--db=tcp:127.0.0.1:${port}`, '--timeout=2', '--no-wait', 'show'])
      return true
    })
  }

  function open(address = `unix:${directory}/db.sock`, deadline = 5000): OvsdbClient {
    const client = new OvsdbClient({ address, database: 'Open_vSwitch', deadline })
    clients.push(client)
    return client
  }

  it('reaches it over a Unix socket and over TCP', async () => {
    for (const address of [`unix:${directory}/db.sock`, `tcp:127.0.0.1:${port}`]) {
      expect(await open(address).transact([countBridges])).toEqual([{ rows: [] }])
    }
  })

  it('gives each of many transactions at once its own answer', async () => {
    const client = open()
    const remember = (n: number): Operation => ({
      ...{ op: 'mutate', table: 'Open_vSwitch', where: [] },
      mutations: [['external_ids', 'insert', ['map', [[`key${n}`, `é"{}${n}`]]]]],
    })
    const all = await Promise.all(Array.from({ length: 50 }, (_, n) => client.transact([remember(n)])))
    expect(all).toEqual(Array.from({ length: 50 }, () => [{ count: 1 }]))
    const columns = ['external_ids']
    const [found] = await client.transact([{ op: 'select', table: 'Open_vSwitch', where: [], columns }])
    expect(readMap(found?.rows?.[0]?.external_ids)).toMatchObject({ key0: 'é"{}0', key49: 'é"{}49' })
  })

  it('goes on with a server that was restarted, also in the middle of a call', async () => {
    const client = open(undefined, 15_000)
    await client.transact([countBridges])
    await server.kill()
    const call = client.transact([countBridges])
    await startServer()
    expect(await call).toEqual([{ rows: [] }])
  })

  it('tells which operation was refused, and that none had an effect', async () => {
    const unknown: Operation = { op: 'select', table: 'Nothing', where: [], columns: [] }
    await expect(open().transact([countBridges, unknown])).rejects.toMatchObject({ failure: 'refused', operation: 1 })
    const impatient = { ...endless, timeout: 0 }
    await expect(open().transact([impatient])).rejects.toMatchObject({ failure: 'wait-timed-out', operation: 0 })
  })

  it('gives up at its deadline, and when it is called off, and is of use after that', async () => {
    const client = open(undefined, 300)
    await expect(client.transact([endless])).rejects.toMatchObject({ failure: 'deadline' })
    const call = client.transact([endless], { signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await client.transact([countBridges])).toEqual([{ rows: [] }])
  })

  it('says what to check when nothing listens, and when something else does', async () => {
    const nobody = open(`unix:${directory}/nobody.sock`, 300)
    expect(nobody.isThere()).toBe(false)
    await expect(nobody.transact([countBridges])).rejects.toThrow('check that ovsdb-server runs')
    const other = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const client = open(`tcp:127.0.0.1:${(other.address() as AddressInfo).port}`, 300)
    await expect(client.transact([countBridges])).rejects.toThrow('is this an OVSDB server?')
    other.close()
  })

  it('answers echoes: the server drops a connection that is silent, and not ours', async () => {
    const probed = await freePort()
    const manager = ['set-manager', `ptcp:${probed}:127.0.0.1`, '--', 'set', 'Manager', '.', 'inactivity_probe=1000']
    await outputOf('ovs-vsctl', [`--db=unix:${directory}/db.sock`, '--no-wait', ...manager])
    const client = open(`tcp:127.0.0.1:${probed}`)
    await client.transact([countBridges])
    const silent = connect(probed, '127.0.0.1')
    silent.resume()
    await once(silent, 'close')
    const log = await readFile(`${directory}/log`, 'utf8')
    expect(log.match(/no response to inactivity probe/g)).toHaveLength(1)
    expect(await client.transact([countBridges])).toEqual([{ rows: [] }])
  })
})
