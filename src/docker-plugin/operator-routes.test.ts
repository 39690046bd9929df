import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Client } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingDrivers } from '../../test/fuzz/recording-drivers.ts'
import type { OperatorRequest, OperatorRoute } from './operator-routes.ts'
import { PluginError } from './plugin-error.ts'
import { openPluginServer, type PluginServer } from './plugin-server.ts'

const asked: OperatorRequest[] = []
const routes: OperatorRoute[] = [
  { method: 'GET', path: '/kuryr/object', answer: () => Promise.resolve({ is: 'an object' }) },
  { method: 'GET', path: '/kuryr/text', answer: () => Promise.resolve('a text\n') },
  { method: 'GET', path: '/kuryr/refused', answer: () => Promise.reject(new PluginError(409, 'not here')) },
  {
    method: 'POST',
    path: '/kuryr/hosts/:host/remove',
    answer(request) {
      asked.push(request)
      return Promise.resolve({})
    },
  },
]

describe('what operators ask over the plugin’s socket', () => {
  let directory: string
  let server: PluginServer
  let client: Client
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kuryr-routes-'))
    server = openPluginServer({
      ...recordingDrivers(),
      ...{ log: pino({ level: 'silent' }), callTimeout: 5, operatorRoutes: routes },
    })
    await server.listen(`unix://${directory}/kuryr.sock`)
    client = new Client('http://plugin', { socketPath: `${directory}/kuryr.sock` })
  })
  afterAll(async () => {
    await client.destroy()
    await server.close()
    await rm(directory, { recursive: true })
  })

  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    body: string | null = null,
  ): Promise<{ status: number; type: unknown; text: string }> => {
    const answer = await client.request({ method, path, body })
    return { status: answer.statusCode, type: answer.headers['content-type'], text: await answer.body.text() }
  }

  it.each([
    ['/kuryr/object', 200, 'application/json; charset=utf-8', '{"is":"an object"}'],
    ['/kuryr/text', 200, 'text/plain; version=0.0.4; charset=utf-8', 'a text\n'],
  ])('%s is answered as what it is', async (path, status, type, text) => {
    expect(await ask('GET', path)).toEqual({ status, type, text })
  })

  it('a refusal has its status and says why', async () => {
    const { status, text } = await ask('GET', '/kuryr/refused')
    expect([status, JSON.parse(text)]).toEqual([409, { Err: 'not here', Error: 'not here' }])
  })

  it.each(['node1', 'a b/c?d', `${'long.'.repeat(50)}name`, 'ö'.repeat(200)])(
    'a host’s name of any length and with any character is a parameter: %s',
    async host => {
      const path = `/kuryr/hosts/${encodeURIComponent(host)}/remove`
      expect(await ask('POST', path, '{"force":true}')).toMatchObject({ status: 200 })
      expect(asked.at(-1)).toEqual({ parameters: { host }, body: { force: true } })
    },
  )

  it('a body that is none is undefined, and one that is no JSON is refused', async () => {
    await ask('POST', '/kuryr/hosts/node1/remove')
    expect(asked.at(-1)).toEqual({ parameters: { host: 'node1' }, body: undefined })
    expect((await ask('POST', '/kuryr/hosts/node1/remove', '{')).status).toBe(400)
  })
})
