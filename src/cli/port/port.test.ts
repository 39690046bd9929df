import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PublishedPort } from '../daemon/answers.ts'
import { AnsweringDaemon } from '../testing/answering-daemon.ts'
import { run, worldOf } from '../testing/world.ts'

const web: PublishedPort = {
  ...{ host: 'node1', container: 'web', endpointId: `e1${'0'.repeat(62)}`, address: '203.0.113.10', outerPort: 8080 },
  ...{ protocol: 'tcp', containerAddress: '10.9.0.5', containerPort: 80 },
}
const ports: PublishedPort[] = [web, { ...web, host: 'node2', container: '', outerPort: 53, protocol: 'udp' }]

let daemon: AnsweringDaemon
beforeEach(async () => {
  daemon = new AnsweringDaemon()
  await daemon.serveJson({ 'GET /kuryr/ports': { ports } })
})
afterEach(() => daemon.remove())

describe('kuryr port ls', () => {
  test('lists where ports are reached, and where they lead', async () => {
    const { status, stdout } = await run(['port', 'ls', ...daemon.words], worldOf({}))
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'HOST   CONTAINER  PUBLISHED          PORT    ADDRESS   ENDPOINT',
        'node1  web        203.0.113.10:8080  80/tcp  10.9.0.5  e10000000000',
        'node2  -          203.0.113.10:53    80/udp  10.9.0.5  e10000000000',
        '',
      ].join('\n'),
    )
  })

  test('--format json prints what the daemon says', async () => {
    const { stdout } = await run(['port', 'ls', '--format', 'json', ...daemon.words], worldOf({}))
    expect(JSON.parse(stdout)).toEqual(ports)
  })

  test('a daemon without OpenStack says so, and the command ends with 1', async () => {
    await daemon.serveJson({ 'GET /kuryr/ports': { Err: 'ports are published with OpenStack only' } }, 409)
    expect(await run(['port', 'ls', ...daemon.words], worldOf({}))).toEqual({
      ...{ status: 1, stdout: '', stderr: 'kuryr: ports are published with OpenStack only\n' },
    })
  })
})
