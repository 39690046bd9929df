import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPluginServer, type PluginServer } from '../../src/docker-plugin/plugin-server.ts'
import { protocolMethods } from '../../src/docker-plugin/protocol-methods.ts'
import { PipelinedConnection } from '../fuzz/pipelined-connection.ts'
import { recordingDrivers } from '../fuzz/recording-drivers.ts'
import { recordedCalls, recordings } from './docker-plugin-recorded-calls.ts'

const drivers = recordingDrivers()
let directory: string
let socketPath: string
let server: PluginServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kuryr-replay-'))
  socketPath = join(directory, 'kuryr.sock')
  server = openPluginServer({ ...drivers, log: pino({ level: 'silent' }), callTimeout: 30 })
  await server.listen(`unix://${socketPath}`)
})

afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

describe('the calls that Docker 20.10, 26 and 28 made', () => {
  it.each(recordings)('%s: every request with a body is accepted, every emptied one refused', async name => {
    const calls = await recordedCalls(name)
    using connection = await PipelinedConnection.open(socketPath)
    const unexpected: string[] = []

    for (const { method, body } of calls) {
      const emptied = body === '' && protocolMethods[method]?.request !== undefined
      const [answer] = await connection.call(method, [Buffer.from(body)])
      if (answer?.status !== (emptied ? 400 : 200)) unexpected.push(`${method} ${body} -> ${answer?.text ?? ''}`)
    }

    expect(calls.length).toBeGreaterThan(20)
    expect(unexpected).toEqual([])
    expect(drivers.violations).toEqual([])
  })

  it('hold repeated calls with an empty body, a MAC in base64 and a GwAllocCheck', async () => {
    const crashes = await recordedCalls('d26-crash')
    const gateways = await recordedCalls('d28-gwalloc')
    const locals = await recordedCalls('d26-local')

    expect(crashes.filter(({ method, body }) => body === '' && method === 'NetworkDriver.Join')).not.toEqual([])
    expect(gateways.filter(({ method }) => method === 'NetworkDriver.GwAllocCheck')).toHaveLength(2)
    const macOption = /"com\.docker\.network\.endpoint\.macaddress":"[A-Za-z0-9+/]{8}"/
    expect(
      locals.filter(({ method, body }) => method === 'NetworkDriver.CreateEndpoint' && macOption.test(body)),
    ).not.toEqual([])
  })

  it('hold a network of IPv6 alone, names of interfaces, and the connectivity of a gateway', async () => {
    const calls = await recordedCalls('d28-more')
    const having = (method: string, text: string) =>
      calls.filter(call => call.method === method && call.body.includes(text))

    expect(having('NetworkDriver.CreateNetwork', '"com.docker.network.enable_ipv4":false')).toHaveLength(1)
    expect(having('NetworkDriver.CreateEndpoint', '"com.docker.network.endpoint.ifname":"lan')).not.toEqual([])
    expect(having('NetworkDriver.ProgramExternalConnectivity', 'no_proxy_6to4')).not.toEqual([])
    expect(having('NetworkDriver.RevokeExternalConnectivity', '')).not.toEqual([])
  })
})
