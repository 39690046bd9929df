import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Host } from '../daemon/answers.ts'
import { AnsweringDaemon } from '../testing/answering-daemon.ts'
import { run, worldOf } from '../testing/world.ts'

const alive: Host = {
  ...{ host: 'node1', alive: true, engineVersion: '26.1.5', kuryrVersion: '0.1.0', networks: 2 },
  since: '2026-11-25T02:00:00Z',
}
const hosts: Host[] = [
  alive,
  { ...alive, host: 'node2', alive: false, engineVersion: '' },
  { ...alive, host: 'node3', alive: false, networks: 0, removed: '2026-11-25T03:00:00Z' },
]
const removal = 'POST /kuryr/hosts/node%202/remove'

let daemon: AnsweringDaemon
beforeEach(async () => {
  daemon = new AnsweringDaemon()
  await daemon.serveJson({
    'GET /kuryr/hosts': { hosts },
    [removal]: { host: 'node 2', networks: 2, ports: 1 },
  })
})
afterEach(() => daemon.remove())

describe('kuryr host ls', () => {
  test('lists hosts, whether they are there, and since when', async () => {
    const { status, stdout } = await run(['host', 'ls', ...daemon.words], worldOf({}))
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'HOST   STATE    DOCKER  KURYR  NETWORKS  SINCE',
        'node1  alive    26.1.5  0.1.0  2         2026-11-25T02:00:00Z',
        'node2  away     -       0.1.0  2         2026-11-25T02:00:00Z',
        'node3  removed  26.1.5  0.1.0  0         2026-11-25T03:00:00Z',
        '',
      ].join('\n'),
    )
  })

  test('--quiet prints names, --format json what the daemon says', async () => {
    expect((await run(['host', 'ls', '-q', ...daemon.words], worldOf({}))).stdout).toBe('node1\nnode2\nnode3\n')
    const { stdout } = await run(['host', 'ls', '--format', 'json', ...daemon.words], worldOf({}))
    expect(JSON.parse(stdout)).toEqual(hosts)
  })
})

describe('kuryr host rm', () => {
  const done = 'Host node 2 is removed: out of 2 shared networks, 1 port let go.\n'
  const question = 'Remove host node 2 for good? The addresses of its containers are given to others.'

  test.each([
    ['with a yes at the terminal', [], { answer: 'yes' as const }, { asked: [question], force: false }],
    ['without a terminal', [], {}, { asked: [question], force: false }],
    ['with --yes, unasked', ['--yes'], { answer: 'no' as const }, { asked: [], force: false }],
    ['with --force, unasked', ['--force'], { answer: 'no' as const }, { asked: [], force: true }],
  ])('removes it %s, and tells what went', async (_title, options, given, { asked, force }) => {
    const world = worldOf(given)
    expect(await run(['host', 'rm', 'node 2', ...options, ...daemon.words], world)).toEqual({
      ...{ status: 0, stdout: done, stderr: '' },
    })
    expect(world.asked).toEqual(asked)
    expect(daemon.asked).toEqual([
      { method: 'POST', path: '/kuryr/hosts/node%202/remove', body: JSON.stringify({ force }) },
    ])
  })

  test('a no at the terminal removes nothing and ends with 1', async () => {
    expect(await run(['host', 'rm', 'node 2', ...daemon.words], worldOf({ answer: 'no' }))).toEqual({
      ...{ status: 1, stdout: '', stderr: 'kuryr: nothing was removed\n' },
    })
    expect(daemon.asked).toEqual([])
  })

  test('what the daemon refuses is told in its words', async () => {
    await daemon.serveJson({ [removal]: { Err: 'host node 2 is alive' } }, 409)
    expect(await run(['host', 'rm', 'node 2', ...daemon.words], worldOf({}))).toEqual({
      ...{ status: 1, stdout: '', stderr: 'kuryr: host node 2 is alive\n' },
    })
  })
})
