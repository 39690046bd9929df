import { once } from 'node:events'
import { chmod, link, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Client, request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingDrivers } from '../../test/fuzz/recording-drivers.ts'
import type { CallReport } from './call-handling.ts'
import type { NetworkDriver, PluginCall } from './drivers.ts'
import { openPluginServer, type PluginServer, type PluginServerOptions } from './plugin-server.ts'

const id = 'ab'.repeat(32)
const endpoint = { NetworkID: id, EndpointID: id }
const joining = { ...endpoint, SandboxKey: '/var/run/docker/netns/bcc150923b0a' }

let directory: string
let socketPath: string
let servers: PluginServer[]
let logged: string[]
let client: Client

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kuryr-plugin-'))
  socketPath = join(directory, 'plugins', 'kuryr.sock')
  servers = []
  logged = []
  client = new Client('http://plugin', { socketPath })
})

afterEach(async () => {
  await client.destroy()
  await Promise.all(servers.map(async server => server.close()))
  await rm(directory, { recursive: true })
})

async function serve(
  driver: Partial<NetworkDriver> = {},
  options: Partial<PluginServerOptions> = {},
): Promise<PluginServer> {
  const drivers = recordingDrivers()
  const server = openPluginServer({
    networkDriver: { ...drivers.networkDriver, ...driver },
    ipamDriver: drivers.ipamDriver,
    log: pino({ level: 'debug' }, { write: line => void logged.push(line) }),
    callTimeout: 5,
    closeGrace: 0.1,
    ...options,
  })
  servers.push(server)
  await server.listen(`unix://${socketPath}`)
  return server
}

interface Answered {
  status: number
  type: string
  body: Record<string, unknown>
}

async function call(method: string, body?: unknown): Promise<Answered> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const answer = await client.request({ method: 'POST', path: `/${method}`, body: text ?? null })
  const type = String(answer.headers['content-type'])
  return { status: answer.statusCode, type, body: (await answer.body.json()) as Record<string, unknown> }
}

/** A driver call that never ends by itself; it tells when it began and how its signal aborted. */
function hanging(): { join: NetworkDriver['join']; began: Promise<PluginCall>; finish: (error?: Error) => void } {
  const began = Promise.withResolvers<PluginCall>()
  const end = Promise.withResolvers<Awaited<ReturnType<NetworkDriver['join']>>>()
  return {
    join: async (_, pluginCall) => {
      began.resolve(pluginCall)
      return end.promise
    },
    began: began.promise,
    finish: error =>
      error === undefined
        ? end.resolve({ InterfaceName: { SrcName: 'late', DstPrefix: 'eth' }, DisableGatewayService: true })
        : end.reject(error),
  }
}

describe('answers', () => {
  it('names both drivers to Plugin.Activate, called with an empty body', async () => {
    await serve()
    expect(await call('Plugin.Activate')).toMatchObject({
      status: 200,
      body: { Implements: ['NetworkDriver', 'IpamDriver'] },
    })
  })

  it('answers {} where the driver has nothing to say', async () => {
    await serve()
    expect(await call('NetworkDriver.Leave', endpoint)).toMatchObject({ status: 200, body: {} })
  })

  it('refuses an empty body where ids are needed, without calling the driver', async () => {
    await serve({ join: () => Promise.reject(new Error('called')) })
    const { status, type, body } = await call('NetworkDriver.Join', '')
    expect(status).toBe(400)
    expect(type).toContain('application/vnd.docker.plugins.v1+json')
    expect(body.Err).toBe(
      'the body is empty: expected {NetworkID, EndpointID, SandboxKey, …}; Docker sends this after a broken connection; the call was not carried out',
    )
    expect(body.Error).toBe(body.Err)
  })

  it.each([
    [{ ...joining, EndpointID: '../x\n' }, 'EndpointID is "../x\\n": expected an id of 64 hex digits'],
    [{ ...joining, NetworkID: 7 }, 'NetworkID is 7: expected an id of 64 hex digits'],
    [endpoint, 'SandboxKey is missing: expected the absolute path of the sandbox'],
    [{ ...joining, SandboxKey: '/a/../b' }, 'SandboxKey is "/a/../b": expected the absolute path'],
    [{ ...joining, Options: 'password' }, 'Options is a string: expected'],
    ['null', 'the body is null: expected an object'],
    ['{"NetworkID"', 'the body is not JSON'],
    [`{"Options":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'the body is nested deeper than 32 levels'],
    ['{"__proto__":{}}', 'the body has a key that reaches the prototype'],
  ])('explains what is wrong with %j', async (body, expected) => {
    await serve()
    const answer = await call('NetworkDriver.Join', body)
    expect(answer.status).toBe(400)
    expect(answer.body.Err).toContain(expected)
  })

  it('answers a body of 10 MB clearly and goes on over the same connection', async () => {
    await serve()
    const { status, body } = await call('NetworkDriver.Join', 'x'.repeat(10_000_000))
    expect({ status, err: body.Err }).toMatchObject({
      status: 400,
      err: expect.stringContaining('longer than 1048576 bytes') as string,
    })
    expect(await call('Plugin.Activate')).toMatchObject({ status: 200 })
  })

  it('answers 404 to an unknown method only, and 405 to another verb', async () => {
    await serve()
    expect(await call('NetworkDriver.Nonsense', {})).toMatchObject({
      status: 404,
      body: { Err: expect.any(String) as string },
    })
    const got = await client.request({ method: 'GET', path: '/NetworkDriver.Join' })
    expect(got.statusCode).toBe(405)
    expect(await got.body.json()).toHaveProperty('Error')
  })

  it.each([
    [404, 409],
    [403, 403],
    [503, 503],
    [200, 500],
    [undefined, 500],
  ])("turns a driver's error of status %s to %s", async (status, expected) => {
    await serve({ leave: () => Promise.reject(Object.assign(new Error('no such port'), { status })) })
    expect(await call('NetworkDriver.Leave', endpoint)).toMatchObject({
      status: expected,
      body: { Err: 'no such port', Error: 'no such port' },
    })
  })

  it('keeps secrets and stack traces out of the answer, and causes in the log', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:2379')
    const error = new Error('etcd https://root:hunter2@h:2379 password=hunter2 failed\n    at secret (file.ts:1:1)', {
      cause,
    })
    await serve({ leave: () => Promise.reject(error) })
    const { body } = await call('NetworkDriver.Leave', endpoint)
    expect(body.Err).toBe('etcd https://***@h:2379 password=*** failed')
    expect(logged.join('')).toContain('ECONNREFUSED')
    expect(logged.join('')).not.toContain('hunter2')
  })

  it('reports each call with method, time and outcome', async () => {
    const reports: CallReport[] = []
    await serve({}, { onCall: report => void reports.push(report) })
    await call('NetworkDriver.Leave', endpoint)
    await call('NetworkDriver.Leave', {})
    expect(reports.map(({ method, outcome }) => `${method} ${outcome}`)).toEqual([
      'NetworkDriver.Leave ok',
      'NetworkDriver.Leave refused',
    ])
  })
})

describe('calls that take too long', () => {
  it('are aborted at the deadline, answered though the driver hangs, and a late success is logged', async () => {
    const driver = hanging()
    await serve({ join: driver.join }, { callTimeout: 0.05, undoTime: 0.05 })
    const { status, body } = await call('NetworkDriver.Join', joining)
    expect({ status, err: body.Err }).toEqual({
      status: 503,
      err: 'the call was not done within its deadline of 0.05 s',
    })
    driver.finish()
    await expect.poll(() => logged.join('')).toContain('call succeeded after it had been answered as late')
  })

  it('are answered with what undoing came to, when the driver gives up in time', async () => {
    const driver = hanging()
    await serve({ join: driver.join }, { callTimeout: 0.05 })
    const answer = call('NetworkDriver.Join', joining)
    const { signal } = await driver.began
    await once(signal, 'abort')
    driver.finish(new Error('port 7 could not be deleted'))
    expect((await answer).body.Err).toContain('deadline of 0.05 s (port 7 could not be deleted)')
  })

  it('that make something are aborted when their caller leaves', async () => {
    const driver = hanging()
    await serve({ join: driver.join })
    const answer = call('NetworkDriver.Join', joining).catch(() => 'gone')
    const { signal } = await driver.began
    await client.destroy()
    if (!signal.aborted) await once(signal, 'abort')
    driver.finish(new Error('undone'))
    expect(await answer).toBe('gone')
  })

  it('that remove something go on when their caller leaves', async () => {
    const driver = hanging()
    await serve({
      leave: async (message, pluginCall) => {
        await driver.join({ ...message, SandboxKey: '/' }, pluginCall)
      },
    })
    const answer = call('NetworkDriver.Leave', endpoint).catch(() => 'gone')
    const { signal } = await driver.began
    await client.destroy()
    await answer
    driver.finish()
    await expect.poll(() => logged.join('')).toContain('call answered')
    expect(signal.aborted).toBe(false)
  })

  it('are aborted by a stop after the grace period, and their answers are sent', async () => {
    const driver = hanging()
    const server = await serve({ join: driver.join })
    const answer = call('NetworkDriver.Join', joining)
    const { signal } = await driver.began
    const closed = server.close()
    await once(signal, 'abort')
    driver.finish(new Error('undone'))
    expect((await answer).body.Err).toContain('the daemon is stopping')
    await closed
    expect(await readdir(join(directory, 'plugins'))).toEqual([])
  })
})

describe('the socket', () => {
  it('is made with its directory, for its owner only', async () => {
    await serve()
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(directory, 'plugins'))).toEqual(['kuryr.sock'])
  })

  it('of a dead process is replaced', async () => {
    const path = join(directory, 'dead.sock')
    const dead = createServer().listen(path)
    await once(dead, 'listening')
    await link(path, join(directory, 'kuryr.sock'))
    dead.close()
    socketPath = join(directory, 'kuryr.sock')
    await serve()
    expect((await stat(socketPath)).isSocket()).toBe(true)
  })

  it('of a live process is refused by its name, and stays', async () => {
    await serve()
    await expect(serve()).rejects.toThrow(`cannot listen on ${socketPath}: another process answers there`)
    expect(await call('Plugin.Activate')).toMatchObject({ status: 200 })
  })

  it('is refused where another kind of file is', async () => {
    socketPath = join(directory, 'kuryr.sock')
    await writeFile(socketPath, 'precious')
    await chmod(socketPath, 0o600)
    await expect(serve()).rejects.toThrow('expected a socket or nothing there')
  })

  it("is left alone at the close when it has become another process's", async () => {
    const server = await serve()
    await rm(socketPath)
    await serve()
    await server.close()
    expect(await call('Plugin.Activate')).toMatchObject({ status: 200 })
  })
})

describe('TCP', () => {
  it('is served on loopback', async () => {
    const server = await serve()
    const uri = await server.listen('http://127.0.0.1:0')
    const answer = await request(`${uri}/Plugin.Activate`, { method: 'POST' })
    expect(await answer.body.json()).toEqual({ Implements: ['NetworkDriver', 'IpamDriver'] })
  })

  it.each(['http://0.0.0.0:0', 'http://192.0.2.1:23750', 'https://127.0.0.1:0'])(
    'is refused on %s without TLS',
    async uri => {
      const server = await serve()
      await expect(server.listen(uri)).rejects.toThrow('without TLS')
    },
  )

  it.each(['tcp://x', 'unix://relative', 'kuryr.sock', 'http://u:p@127.0.0.1', 'unix:///a/'])(
    'does not take %s for an address',
    async uri => {
      const server = await serve()
      await expect(server.listen(uri)).rejects.toThrow(/cannot listen on .*: expected/)
    },
  )
})
