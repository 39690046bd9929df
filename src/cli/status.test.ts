import type { RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DaemonStatus, statusQuestion } from './daemon/answers.ts'
import { askDaemon } from './daemon/daemon-client.ts'
import { AnsweringDaemon } from './testing/answering-daemon.ts'
import { run, worldOf } from './testing/world.ts'
import { loadConfig } from '../config/load-config.ts'

const well: DaemonStatus = {
  version: '0.1.0',
  host: 'node1',
  since: '2026-11-23T20:12:01Z',
  store: { url: 'etcd://h1:2379', state: 'connected' },
  plugin: { uri: 'unix:///run/docker/plugins/kuryr.sock', calls: 12 },
  neutron: { kind: 'embedded', bind: '127.0.0.1:9696' },
  fabric: { localAddress: '10.8.65.80', networks: [{}], problems: [] },
  sharing: null,
  sharingReason: 'the store is a file of this host alone',
  problems: [],
}

let daemon: AnsweringDaemon
beforeEach(() => {
  daemon = new AnsweringDaemon()
})
afterEach(() => daemon.remove())

/** Runs `kuryr status` on a daemon that says this of itself. */
async function statusOf(
  status: unknown,
  ...options: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  await daemon.serveJson({ 'GET /kuryr/status': status })
  return run(['status', ...options, ...daemon.words], worldOf({}))
}

describe('kuryr status', () => {
  test('says in words that all is well, and ends with 0', async () => {
    expect(await statusOf(well)).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'kuryr 0.1.0 on node1, up since 2026-11-23T20:12:01Z',
        'Plugin   unix:///run/docker/plugins/kuryr.sock, 12 calls of Docker answered',
        'Store    etcd://h1:2379: connected',
        'Neutron  embedded, API on 127.0.0.1:9696',
        'Fabric   10.8.65.80, 1 network on this host',
        'Sharing  off: the store is a file of this host alone',
        '',
        'All is well.',
        '',
      ].join('\n'),
    })
  })

  test.each([
    [{ version: '26.1.5', swarm: true }, 'Docker 26.1.5, in a swarm'],
    [null, 'Docker does not answer'],
  ])('says of sharing how many networks there are, and of the engine %j', async (engine, docker) => {
    const sharing = { via: 'replica', namespace: 'default', networks: 3, here: 1, engine }
    const { stdout } = await statusOf({ ...well, sharing })
    expect(stdout).toContain(`Sharing  3 shared networks, 1 of them here; ${docker}\n`)
  })

  test('says what is wrong, why and what to do, and ends with 1', async () => {
    const problem = { what: 'The store does not answer', why: 'connection refused', todo: 'start etcd' }
    const fabric = { ...well.fabric, problems: ['no route to 10.8.65.81'] }
    const { status, stdout } = await statusOf({ ...well, problems: [problem], fabric })
    expect(status).toBe(1)
    expect(stdout).toContain(
      '2 problems:\n- The store does not answer\n  Why: connection refused\n  What to do: start etcd\n- no route to 10.8.65.81\n',
    )
  })

  test('--format json prints the answer as it is', async () => {
    const { stdout } = await statusOf(well, '--format', 'json')
    expect(JSON.parse(stdout)).toEqual(well)
  })

  test('a daemon on TCP is asked there', async () => {
    const port = await daemon.serve((_request, response) => void response.end(JSON.stringify(well)), 'port')
    expect(await run(['status', '--set', `kuryr_uri=http://127.0.0.1:${port}`], worldOf({}))).toMatchObject({
      status: 0,
    })
  })

  test('no daemon ends with 2 and says how to start it', async () => {
    const { status, stdout, stderr } = await run(['status', ...daemon.words], worldOf({}))
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`There is no socket at ${daemon.uri}: start the daemon with \`kuryr serve\``)
  })

  test.each([
    ['another plugin', (_request, response) => void response.writeHead(404).end('{"Err":"not found"}')],
    ['something else', (_request, response) => void response.end('{"Implements":[]}')],
    ['something that is not JSON', (_request, response) => void response.end('<html>')],
  ] satisfies [string, RequestListener][])('%s at the socket ends with 2 and is told', async (_title, answers) => {
    await daemon.serve(answers)
    const { status, stderr } = await run(['status', ...daemon.words], worldOf({}))
    expect(status).toBe(2)
    expect(stderr).toContain('is not a kuryr daemon of this version')
  })

  test('a daemon that gives no answer is told after the time limit', async () => {
    await daemon.serve(() => undefined)
    const { config } = loadConfig({ set: daemon.words.slice(1) }, worldOf({}).machine)
    await expect(askDaemon(config.DEFAULT, { ...statusQuestion, timeout: 50 })).rejects.toThrow(
      'gave no answer in time',
    )
  })
})
