import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DaemonStatus } from './daemon-status.ts'
import { askDaemon } from './daemon-status.ts'
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

let directory: string
let server: Server | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kuryr-status-'))
})
afterEach(async () => {
  await stopDaemon()
  rmSync(directory, { recursive: true })
})

async function stopDaemon(): Promise<void> {
  const running = server
  server = undefined
  if (!running) return
  running.closeAllConnections()
  await new Promise(resolve => running.close(resolve))
}

/** A daemon that answers so on a real socket, and the words that make the command ask it. */
async function daemonThat(answers: RequestListener): Promise<string[]> {
  const socket = join(directory, 'kuryr.sock')
  const listening = createServer(answers)
  server = listening
  await new Promise<void>(resolve => listening.listen(socket, resolve))
  return ['--set', `DEFAULT.kuryr_uri=unix://${socket}`]
}

function answering(status: unknown): RequestListener {
  return (request, response) => {
    response.statusCode = request.url === '/kuryr/status' && request.method === 'GET' ? 200 : 404
    response.end(JSON.stringify(status))
  }
}

describe('kuryr status', () => {
  test('says in words that all is well, and ends with 0', async () => {
    const words = await daemonThat(answering(well))
    expect(await run(['status', ...words], worldOf({}))).toEqual({
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

  test('says what is wrong, why and what to do, and ends with 1', async () => {
    const problem = { what: 'The store does not answer', why: 'connection refused', todo: 'start etcd' }
    const fabric = { ...well.fabric, problems: ['no route to 10.8.65.81'] }
    const words = await daemonThat(answering({ ...well, problems: [problem], fabric }))
    const { status, stdout } = await run(['status', ...words], worldOf({}))
    expect(status).toBe(1)
    expect(stdout).toContain(
      '2 problems:\n- The store does not answer\n  Why: connection refused\n  What to do: start etcd\n- no route to 10.8.65.81\n',
    )
  })

  test('says of sharing how many networks there are, and what Docker it is', async () => {
    const sharing = { via: 'replica', namespace: 'default', networks: 3, here: 1 }
    const answers = [{ version: '26.1.5', swarm: true }, null].map(engine => ({
      ...well,
      sharing: { ...sharing, engine },
    }))
    const lines: string[] = []
    for (const answer of answers) {
      const words = await daemonThat(answering(answer))
      lines.push((await run(['status', ...words], worldOf({}))).stdout)
      await stopDaemon()
    }
    expect(lines[0]).toContain('Sharing  3 shared networks, 1 of them here; Docker 26.1.5, in a swarm\n')
    expect(lines[1]).toContain('Sharing  3 shared networks, 1 of them here; Docker does not answer\n')
  })

  test('--format json prints the answer as it is', async () => {
    const words = await daemonThat(answering(well))
    const { stdout } = await run(['status', '--format', 'json', ...words], worldOf({}))
    expect(JSON.parse(stdout)).toEqual(well)
  })

  test('a daemon on TCP is asked there', async () => {
    const listening = createServer(answering(well))
    server = listening
    await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
    const address = listening.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await run(['status', '--set', `kuryr_uri=http://127.0.0.1:${port}`], worldOf({}))).toMatchObject({
      status: 0,
    })
  })

  test('no daemon ends with 2 and says how to start it', async () => {
    const words = ['status', '--set', `kuryr_uri=unix://${directory}/none.sock`]
    const { status, stdout, stderr } = await run(words, worldOf({}))
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(
      `There is no socket at unix://${directory}/none.sock: start the daemon with \`kuryr serve\``,
    )
  })

  test.each([
    ['another plugin', answering({ Implements: [] })],
    ['something that is not JSON', (_request, response) => void response.end('<html>')],
  ] satisfies [string, RequestListener][])('%s at the socket ends with 2 and is told', async (_title, answers) => {
    const words = await daemonThat(answers)
    const { status, stderr } = await run(['status', ...words], worldOf({}))
    expect(status).toBe(2)
    expect(stderr).toContain('is not a kuryr daemon of this version')
  })

  test('a daemon that gives no answer is told after the time limit', async () => {
    const [, set = ''] = await daemonThat(() => undefined)
    const { config } = loadConfig({ set: [set] }, worldOf({}).machine)
    await expect(askDaemon(config.DEFAULT, 50)).rejects.toThrow('gave no answer in time')
  })
})
