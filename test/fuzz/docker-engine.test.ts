import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerEngine, EngineEvent } from '../../src/docker-engine/docker-engine.ts'
import { EngineError } from '../../src/docker-engine/engine-error.ts'
import { EngineUnavailableError } from '../../src/docker-engine/engine-unavailable.ts'
import { openDockerEngine } from '../../src/docker-engine/open-docker-engine.ts'
import { blue } from '../../src/docker-engine/testing/network-body.ts'
import { CONTAINER_ID, engineAnswers } from './engine-answers.ts'
import { wrongInContainer, wrongInEvent, wrongInListed, wrongInNetwork } from './engine-values.ts'
import { mutatedMessage } from './mutations.ts'
import { fuzzSeed, SeededRandom } from './seeded-random.ts'

const seed = fuzzSeed()
const random = new SeededRandom(seed)
const path = join(tmpdir(), `kuryr-fuzz-engine-${process.pid}.sock`)
const log = pino({ level: 'silent' })
let server: Server
let engine: DockerEngine
/** The bytes that answer a request, in the chunks in which they are sent; then the connection ends. */
let answering: (path: string) => Buffer[] = () => []

beforeAll(async () => {
  process.stdout.write(`fuzzing the client of the Docker engine; repeat with FUZZ_SEED=${seed}\n`)
  Error.stackTraceLimit = 0
  server = createServer(socket => {
    let request = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      request += chunk.toString('latin1')
      if (!request.includes('\r\n\r\n')) return
      const chunks = answering(request.split(' ')[1] ?? '')
      request = ''
      for (const chunk of chunks) socket.write(chunk)
      socket.end()
    })
  })
  server.listen(path)
  await once(server, 'listening')
  engine = openDockerEngine({ host: `unix://${path}`, log })
})

afterAll(async () => {
  Error.stackTraceLimit = 10
  await engine.close()
  server.close()
  await rm(path, { force: true })
})

function http(status: number, content: Buffer): Buffer {
  const head = `HTTP/1.1 ${status} Text\r\nApi-Version: 1.45\r\nContent-Length: ${content.length}\r\nConnection: close\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content])
}

const ping = http(200, Buffer.from('OK'))

/** Each call of the client: what it is answered with, and what is wrong with what it makes of that. */
const calls: Record<string, { answer: keyof typeof engineAnswers; run: () => Promise<unknown[]> }> = {
  info: {
    answer: 'info',
    run: async () => {
      const { id, name, version, swarm, clusterStore } = await engine.info()
      const texts = [id, name, version, clusterStore ?? ''].every(value => typeof value === 'string')
      return texts && typeof swarm === 'boolean' && id !== '' && clusterStore !== '' ? [] : ['info']
    },
  },
  inspectNetwork: {
    answer: 'network',
    run: async () => {
      const network = await engine.inspectNetwork('blue')
      return network === undefined ? [] : wrongInNetwork(network)
    },
  },
  listNetworks: { answer: 'network', run: async () => (await engine.listNetworks('kuryr')).flatMap(wrongInNetwork) },
  inspectContainer: {
    answer: 'container',
    run: async () => {
      const container = await engine.inspectContainer(CONTAINER_ID)
      return container === undefined ? [] : wrongInContainer(container)
    },
  },
  listContainers: { answer: 'container', run: async () => (await engine.listContainers()).flatMap(wrongInListed) },
  createNetwork: {
    answer: 'created',
    run: async () => {
      const { id, warning } = await engine.createNetwork(blue)
      return id !== '' && typeof id === 'string' && typeof warning === 'string' ? [] : ['created']
    },
  },
  removeNetwork: {
    answer: 'created',
    run: async () => {
      await engine.removeNetwork('a'.repeat(64))
      return []
    },
  },
}

/** What `run` came to: `done`, the name of the client's error, or else what is wrong. */
async function outcome(run: () => Promise<unknown[]>): Promise<string> {
  try {
    const wrong = await run()
    return wrong.length === 0 ? 'done' : `wrong: ${wrong.map(String).join(', ')}`
  } catch (error) {
    if (error instanceof EngineError || error instanceof EngineUnavailableError) return error.name
    return `threw ${String(error)}`
  }
}

type Outcomes = Record<string, number>

/** Runs `count` cases and counts their outcomes; `prepare` tells what was done, for the report of a failure. */
async function outcomesOf(count: number, run: () => Promise<unknown[]>, prepare: () => string): Promise<Outcomes> {
  const outcomes: Outcomes = {}
  for (let i = 0; i < count; i++) {
    const what = prepare()
    const came = await outcome(run)
    const key = /^(wrong|threw)/.test(came) ? `${came} (${what})` : came
    outcomes[key] = (outcomes[key] ?? 0) + 1
  }
  return outcomes
}

describe(`the client of the Docker engine (FUZZ_SEED=${seed})`, () => {
  it.each(Object.entries(calls))(
    '%s gives well-formed values or its own errors, whatever JSON it is answered',
    async (name, call) => {
      const outcomes = await outcomesOf(1500, call.run, () => {
        const status = random.once(8) ? random.pick([201, 204, 301, 400, 401, 403, 404, 409, 500, 503]) : 200
        const shape = status >= 400 ? 'refusal' : call.answer
        const mutation = mutatedMessage(engineAnswers[shape](random), random)
        const list = name.startsWith('list') && !random.once(20)
        const content = list ? Buffer.concat([Buffer.from('[{},'), mutation.body, Buffer.from(']')]) : mutation.body
        answering = path => [path === '/_ping' ? ping : http(status, content)]
        return `${status} ${mutation.what}: ${content.toString().slice(0, 300)}`
      })
      const { done = 0, EngineError: refused = 0, EngineUnavailableError: unavailable = 0, ...others } = outcomes
      expect(others).toEqual({})
      expect(done).toBeGreaterThan(100)
      expect(refused).toBeGreaterThan(100)
      // An answer of status 204 has no body: one that comes all the same is not HTTP.
      expect(unavailable).toBeLessThan(100)
    },
  )

  it('tells of every answer that is cut, or no HTTP, that the engine went away or is none', async () => {
    const run = calls.info?.run ?? (() => Promise.resolve([]))
    const outcomes = await outcomesOf(3000, run, () => {
      const bytes = Buffer.from(http(200, Buffer.from(JSON.stringify(engineAnswers.info(random)))))
      const cut = random.once(2) ? random.below(bytes.length) : bytes.length
      if (cut === bytes.length) bytes[random.below(bytes.length)] = random.below(256)
      answering = path => [path === '/_ping' && random.once(2) ? ping : bytes.subarray(0, cut)]
      return `${cut} of ${JSON.stringify(bytes.toString('latin1'))}`
    })
    const { done = 0, EngineError: refused = 0, EngineUnavailableError: unavailable = 0, ...others } = outcomes
    expect(others).toEqual({})
    for (const count of [done, refused, unavailable]) expect(count).toBeGreaterThan(50)
  })

  it('hears every valid event in order, whatever comes between and however it is cut', async () => {
    let heard = 0
    for (let round = 0; round < 60; round++) {
      const valid: string[] = []
      const lines = Array.from({ length: 60 }, () => {
        const event = engineAnswers.event(random)
        if (!random.once(2)) return mutatedMessage(event, random).body
        const id = `valid-${round}-${valid.length}`
        valid.push(id)
        return Buffer.from(JSON.stringify({ ...event, Actor: { ID: id } }))
      })
      const stream = Buffer.concat(lines.flatMap(line => [line, Buffer.from('\n')]))
      const head = Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
      const information = http(200, Buffer.from(JSON.stringify(engineAnswers.info(random))))
      answering = path => {
        if (path === '/_ping') return [ping]
        return path.includes('/info') ? [information] : [head, ...inChunks(stream)]
      }
      const events: EngineEvent[] = []
      const reading = (async () => {
        for await (const event of engine.networkEvents(new AbortController().signal)) events.push(event)
      })()
      await expect(reading).rejects.toBeInstanceOf(EngineUnavailableError)
      expect(events.flatMap(wrongInEvent)).toEqual([])
      const ids = events.flatMap(event => (event.type === 'network' && event.id.startsWith('valid-') ? event.id : []))
      expect(ids).toEqual(valid)
      heard += ids.length
    }
    expect(heard).toBeGreaterThan(1000)
  })
})

function inChunks(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(random.once(3) ? 5 : 2000)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
