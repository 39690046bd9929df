import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import type { DockerEngine } from '../../../src/docker-engine/docker-engine.ts'
import { openDockerEngine } from '../../../src/docker-engine/open-docker-engine.ts'
import { answer, ScriptedEngine } from '../../../src/docker-engine/testing/scripted-engine.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import { PortDescription } from '../../../src/port-description/port-description.ts'
import { silentLog, sqliteStore } from '../../contract/neutron-stores.ts'

const info = { ID: 'e1', Name: 'node1', ServerVersion: '26.1.5', SystemTime: '2026-11-25T03:28:02Z' }

interface Line {
  level: number
  msg: string
}

/** Describes the ports of an embedded Neutron, with an engine that may not be there; what it logs. */
async function describing(host: string, ready: () => Promise<void>): Promise<{ lines: Line[]; client: DockerEngine }> {
  const lines: Line[] = []
  const log = pino({ level: 'info' }, { write: line => lines.push(JSON.parse(line) as Line) })
  const stored = await sqliteStore()
  const neutron = openNeutronService({ store: stored.store, host: 'here', log: silentLog, defaultMtu: 1450 })
  const client = openDockerEngine({ host, log })
  const options = { host: 'here', driver: 'kuryr', pause: { firstMs: 1, limitMs: 5 } }
  const description = new PortDescription({ engine: client, neutron, ready: ready(), log, options })
  onTestFinished(async () => {
    await description.close()
    await client.close()
    await neutron.close()
    await stored.remove()
  })
  return { lines, client }
}

it('an engine that is away is warned of once, and followed when it comes', async () => {
  await using server = await ScriptedEngine.start(({ path }, response) => {
    if (path === '/info') answer(response, 200, info)
    else if (path === '/networks') answer(response, 200, [])
    else response.flushHeaders()
  })
  await server.stop()
  const { lines } = await describing(server.host, () => Promise.resolve())
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]).toMatchObject({ level: 40, msg: expect.stringContaining('does not answer') as string })
  await server.listen()
  await expect.poll(() => lines.length).toBe(2)
  expect(lines[1]).toMatchObject({ level: 30, msg: expect.stringContaining('answers') as string })
  await expect.poll(() => server.asked).toContain('GET 1.45 /networks')
  // What was warned of is over: the next time is another one.
  await server.stop()
  await expect.poll(() => lines.length).toBe(3)
})

it.each<[string, () => Promise<void>]>([
  ['never gets ready', () => Promise.reject(new Error('no network'))],
  // Closing it does not wait for that either.
  ['is not ready yet', () => new Promise(() => undefined)],
])('no engine is asked where the network service %s', async (_, ready) => {
  await using server = await ScriptedEngine.start(({ path }, response) =>
    answer(response, path === '/info' ? 200 : 404, info),
  )
  const { client } = await describing(server.host, ready)
  await client.info()
  expect(server.asked).toEqual(['GET /_ping', 'GET 1.45 /info'])
})
