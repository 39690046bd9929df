import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPluginServer, type PluginServer } from '../../src/docker-plugin/plugin-server.ts'
import { fuzzMethod } from './fuzz-method.ts'
import type { Mutation } from './mutations.ts'
import { type HttpAnswer, PipelinedConnection } from './pipelined-connection.ts'
import { recordingDrivers } from './recording-drivers.ts'
import { fuzzSeed } from './seeded-random.ts'
import { validRequests } from './valid-requests.ts'
import { isWellFormed } from './well-formed.ts'

const seed = fuzzSeed()
/** The whole daemon gets 20,000 (daemon.test.ts); here the validation is compared with what the drivers expect. */
const count = 2_000
const drivers = recordingDrivers()
let directory: string
let socketPath: string
let server: PluginServer

beforeAll(async () => {
  // The stack traces of the refusals, which nobody reads, would take a third of the time.
  Error.stackTraceLimit = 0
  process.stdout.write(`fuzzing the plugin protocol; repeat with FUZZ_SEED=${seed}\n`)
  directory = await mkdtemp(join(tmpdir(), 'kuryr-fuzz-'))
  socketPath = join(directory, 'kuryr.sock')
  server = openPluginServer({ ...drivers, log: pino({ level: 'silent' }), callTimeout: 30 })
  await server.listen(`unix://${socketPath}`)
})

afterAll(async () => {
  Error.stackTraceLimit = 10
  await server.close()
  await rm(directory, { recursive: true })
})

describe(`${count} mutated requests to each method (FUZZ_SEED=${seed})`, () => {
  it.each(Object.keys(validRequests))('%s answers exactly the well-formed ones with success', async method => {
    const before = drivers.calls.get(method) ?? 0
    const judge = (mutation: Mutation, answer: HttpAnswer): string | undefined => {
      const expected = isWellFormed(method, mutation.body) ? 200 : 400
      return answer.status === expected ? undefined : `expected status ${expected}`
    }

    const report = await fuzzMethod({ socketPath, method, count, seed, judge })

    expect(report.faults).toEqual([])
    expect(report.sent).toBe(count)
    expect(report.statuses[200]).toBeGreaterThan(count / 100)
    expect(report.statuses[400]).toBeGreaterThan(count / 100)
    expect(drivers.violations).toEqual([])
    const carriedOut = method === 'Plugin.Activate' ? 0 : report.statuses[200]
    expect((drivers.calls.get(method) ?? 0) - before).toBe(carriedOut)
    using connection = await PipelinedConnection.open(socketPath)
    const [answer] = await connection.call('Plugin.Activate', [Buffer.alloc(0)])
    expect(answer?.text).toBe('{"Implements":["NetworkDriver","IpamDriver"]}')
  })
})
