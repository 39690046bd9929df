import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { pino } from 'pino'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { DockerEngine, EngineEvent } from './docker-engine.ts'
import { EngineUnavailableError } from './engine-unavailable.ts'
import { openDockerEngine } from './open-docker-engine.ts'
import { blue } from './testing/network-body.ts'
import { allOf } from './testing/all-of.ts'
import { answer, ScriptedEngine, type Script } from './testing/scripted-engine.ts'

const id = 'a'.repeat(64)
const info = { ID: 'e1', Name: 'node1', ServerVersion: '26.1.5', SystemTime: '2026-11-25T03:28:02.635739718+01:00' }
let logged: { msg: string }[] = []

afterEach(() => {
  logged = []
})

async function opened(script: Script): Promise<{ server: ScriptedEngine; engine: DockerEngine }> {
  const server = await ScriptedEngine.start(script)
  const log = pino({ level: 'warn' }, { write: line => logged.push(JSON.parse(line) as { msg: string }) })
  const engine = openDockerEngine({ host: server.host, log })
  onTestFinished(async () => {
    await engine.close()
    await server[Symbol.asyncDispose]()
  })
  return { server, engine }
}

/** Answers `GET /info`; all else is for `script`. */
function withInfo(script: Script): Script {
  return (request, response) => {
    if (request.path === '/info') answer(response, 200, info)
    else script(request, response)
  }
}

describe('the version that is spoken', () => {
  it('is asked for once, and lets the client leave out what the engine does not know', async () => {
    const bodies: string[] = []
    const { server, engine } = await opened((_, response) => {
      response.req.setEncoding('utf8').on('data', (text: string) => bodies.push(text))
      response.req.on('end', () => answer(response, 201, { Id: id, Warning: null }))
    })
    server.apiVersion = '1.41'
    expect(await engine.createNetwork({ ...blue, EnableIPv4: true })).toEqual({ id, warning: '' })
    await engine.createNetwork(blue)
    expect(server.asked).toEqual(['GET /_ping', 'POST 1.41 /networks/create', 'POST 1.41 /networks/create'])
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ ...blue, CheckDuplicate: true })
    await expect(engine.createNetwork({ ...blue, EnableIPv4: false })).rejects.toMatchObject({ code: 'refused' })
    expect(bodies).toHaveLength(2)
  })

  it.each([
    ['older', '1.51', '1.41', 'client version 1.51 is too new. Maximum supported API version is 1.41'],
    ['newer', '1.41', '1.52', 'client version 1.41 is too old. Minimum supported API version is 1.44'],
  ])(
    'is agreed anew, within the call, with an engine that was replaced by an %s one',
    async (_, first, second, text) => {
      const { server, engine } = await opened(({ version }, response) => {
        const spoken = first === server.apiVersion ? first : second
        if (version === spoken || (version === '1.51' && spoken === '1.52')) answer(response, 200, info)
        else answer(response, 400, { message: text })
      })
      server.apiVersion = first
      await engine.info()
      server.apiVersion = second
      expect(await engine.info()).toMatchObject({ id: 'e1' })
      const spoken = second === '1.52' ? '1.51' : second
      expect(server.asked.slice(2)).toEqual([`GET ${first} /info`, 'GET /_ping', `GET ${spoken} /info`])
    },
  )

  it('is asked for once more only: an engine that refuses its own version is told of', async () => {
    const { server, engine } = await opened((_, response) =>
      answer(response, 400, { message: 'client version 1.45 is too old. Minimum …' }),
    )
    await expect(engine.info()).rejects.toMatchObject({ code: 'version', status: 400 })
    expect(server.asked).toEqual(['GET /_ping', 'GET 1.45 /info'])
  })

  it('is asked for anew after the engine was away', async () => {
    const { server, engine } = await opened((_, response) => answer(response, 200, info))
    await engine.info()
    await server.stop()
    await expect(engine.info()).rejects.toBeInstanceOf(EngineUnavailableError)
    server.apiVersion = '1.51'
    await server.listen()
    await engine.info()
    expect(server.asked.slice(2)).toEqual(['GET /_ping', 'GET 1.51 /info'])
  })

  it.each([
    [undefined, 'unexpected', /no Docker engine.*got none/],
    ['1.30', 'version', /too old: it speaks API 1.30, expected 1.41 or newer/],
  ])('cannot be agreed with what tells %j', async (apiVersion, code, message) => {
    const { server, engine } = await opened((_, response) => answer(response, 200, info))
    server.apiVersion = apiVersion
    await expect(engine.info()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })
})

describe('answers', () => {
  it.each([
    ['no JSON', '<html>'],
    ['cut JSON', '{"ID":"e1"'],
    ['another shape', '[]'],
    ['nothing', ''],
  ])('that are %s are no engine’s', async (_, text) => {
    const { engine } = await opened((_, response) => response.end(text))
    await expect(engine.info()).rejects.toMatchObject({ name: 'EngineError', code: 'unexpected' })
    await expect(engine.createNetwork(blue)).rejects.toMatchObject({ code: 'unexpected' })
    await expect(engine.inspectNetwork('blue')).rejects.toMatchObject({ code: 'unexpected' })
  })

  it('that break off mean that the engine went away, and that it may have done it', async () => {
    const { engine } = await opened((_, response) => {
      response.writeHead(201, { 'content-length': 100 }).write('{"Id":')
      setImmediate(() => response.destroy())
    })
    const error = { name: 'EngineUnavailableError', outcome: 'unknown' }
    await expect(engine.createNetwork(blue)).rejects.toMatchObject(error)
  })

  it('that do not come in time, or not to their end, are not waited for', async () => {
    const { engine } = await opened(({ method }, response) => {
      if (method === 'POST') response.writeHead(201).write('{')
    })
    const late = {
      name: 'EngineUnavailableError',
      outcome: 'unknown',
      message: expect.stringContaining('0.2 s') as string,
    }
    await expect(engine.info({ timeoutMs: 200 })).rejects.toMatchObject(late)
    await expect(engine.createNetwork(blue, { timeoutMs: 200 })).rejects.toMatchObject(late)
  })

  it('are not waited for once the caller’s signal aborts, whose reason is thrown', async () => {
    const abort = new AbortController()
    const { engine } = await opened(() => abort.abort(new Error('no longer wanted')))
    await expect(engine.info({ signal: abort.signal })).rejects.toThrow('no longer wanted')
    await expect(engine.info({ signal: abort.signal })).rejects.toThrow('no longer wanted')
  })

  it('are not waited for once the client is closed', async () => {
    const { engine } = await opened(() => void engine.close())
    await expect(engine.info()).rejects.toThrow(/was closed/)
    await expect(engine.info()).rejects.toThrow(/was closed/)
  })

  it('of a list leave out what is no network, and networks of other drivers', async () => {
    const network = { Id: id, Name: 'blue', Driver: 'kuryr', Containers: {} }
    const { engine } = await opened((_, response) =>
      answer(response, 200, [null, network, { Id: 5 }, { ...network, Driver: 'kuryr2' }, 'x']),
    )
    const list = await engine.listNetworks('kuryr')
    expect(list).toMatchObject([{ Id: id, Name: 'blue' }])
    expect(list[0]).not.toHaveProperty('Containers')
    expect(logged).toHaveLength(3)
  })

  it('about another network than the one that was asked for are none', async () => {
    const { engine } = await opened((_, response) => answer(response, 200, { Id: id, Name: 'blue' }))
    expect(await engine.inspectNetwork('aaa')).toBeUndefined()
    expect(await engine.inspectNetwork('blue')).toMatchObject({ Id: id })
    expect(await engine.inspectNetwork(id)).toMatchObject({ Name: 'blue' })
  })

  it('about a container tell where it is now, and are none if they are about another', async () => {
    const Networks = {
      blue: { NetworkID: 'n1', EndpointID: 'e1' },
      green: { NetworkID: 'n2', EndpointID: '' },
      red: null,
    }
    const told: Record<string, object> = {
      [`/containers/${id}/json`]: { Id: id, Name: '/web', Config: { Labels: null }, NetworkSettings: { Networks } },
      '/containers/web/json': { Id: id, Name: '/web' },
      '/containers/json': [
        { Id: id, Labels: { team: 'net' } },
        { Id: 'other', Labels: null },
      ],
    }
    const { engine } = await opened(({ path }, response) =>
      answer(response, told[path] ? 200 : 404, told[path] ?? { message: `No such container: ${path}` }),
    )
    const Endpoints = [{ NetworkID: 'n1', EndpointID: 'e1' }]
    expect(await engine.inspectContainer(id)).toEqual({ Id: id, Name: 'web', Labels: {}, Endpoints })
    expect(await engine.inspectContainer('web')).toBeUndefined()
    expect(await engine.inspectContainer('../x')).toBeUndefined()
    expect(await engine.listContainers()).toEqual([
      { Id: id, Labels: { team: 'net' } },
      { Id: 'other', Labels: {} },
    ])
  })

  it('cannot remove a network that is named by less than its id', async () => {
    const { server, engine } = await opened((_, response) => answer(response, 204, ''))
    for (const name of ['blue', '', '..', id.slice(1), `${id}/..`, id.toUpperCase()]) {
      await expect(engine.removeNetwork(name)).rejects.toMatchObject({ code: 'refused' })
    }
    expect(server.asked).toEqual([])
  })
})

describe('events', () => {
  const created = (name: string): string =>
    `${JSON.stringify({ Type: 'network', Action: 'create', Actor: { ID: id, Attributes: { name, type: 'kuryr' } } })}\n`
  const asRead = (name: string): EngineEvent => ({ type: 'network', action: 'create', id, name, driver: 'kuryr' })
  const never = new AbortController().signal

  it('begin with `subscribed` and are asked for since the engine’s own time', async () => {
    let url = ''
    const { server, engine } = await opened(
      withInfo((_, response) => {
        url = response.req.url ?? ''
        response.write(created('blue'))
      }),
    )
    const events = engine.networkEvents(never)[Symbol.asyncIterator]()
    expect(await events.next()).toEqual({ done: false, value: { type: 'subscribed' } })
    expect(await events.next()).toEqual({ done: false, value: asRead('blue') })
    expect(server.asked).toEqual(['GET /_ping', 'GET 1.45 /info', 'GET 1.45 /events'])
    expect(new URL(url, 'http://x').searchParams.get('since')).toBe('1795573682.635739718')
    expect(await events.return?.()).toMatchObject({ done: true })
  })

  it('are one stream for all who read, each of whom may come and go', async () => {
    let last: ServerResponse | undefined
    const { server, engine } = await opened(
      withInfo((_, response) => {
        last = response
        response.write(created('blue'))
      }),
    )
    const streams = (): number => server.asked.filter(line => line.endsWith('/events')).length
    const [one, other] = [engine.networkEvents(never), engine.networkEvents(never)].map(one =>
      one[Symbol.asyncIterator](),
    )
    const subscribed = { done: false, value: { type: 'subscribed' } }
    expect(await one?.next()).toEqual(subscribed)
    expect(await one?.next()).toMatchObject({ value: asRead('blue') })
    // Who comes later hears what happens from then on.
    expect(await other?.next()).toEqual(subscribed)
    last?.write(created('green'))
    for (const reader of [one, other]) expect(await reader?.next()).toMatchObject({ value: asRead('green') })
    await one?.return?.()
    last?.write(created('red'))
    expect(await other?.next()).toMatchObject({ value: asRead('red') })
    expect(streams()).toBe(1)
    const closed = once(last ?? expect.fail('no stream'), 'close')
    await other?.return?.()
    await closed

    const again = [1, 2].map(() => allOf(engine.networkEvents(never)))
    await expect.poll(streams).toBe(2)
    last?.end()
    for (const reader of again) await expect(reader).rejects.toMatchObject({ name: 'EngineUnavailableError' })
    expect(streams()).toBe(2)
  })

  it('that are garbage, too long, or none of networks are left out', async () => {
    const { engine } = await opened(
      withInfo((_, response) => {
        response.write(`{"Type":"network"}\n[\nnull\n${created('x'.repeat(1_100_000))}`)
        response.write(
          '{"Type":"container","Action":"start","Actor":{"ID":"c1"}}\n{"Type":"network","Action":"create",',
        )
        setImmediate(() => response.write(`"Actor":{"ID":"n1","Attributes":null},"extra":[]}\n${created('blue')}`))
      }),
    )
    const events = engine.networkEvents(never)[Symbol.asyncIterator]()
    await events.next()
    expect((await events.next()).value).toEqual({ type: 'network', action: 'create', id: 'n1', name: '', driver: '' })
    expect((await events.next()).value).toEqual(asRead('blue'))
    expect(logged).toHaveLength(4)
    await events.return?.()
  })

  it('of a container that got another name are told, and no others of containers', async () => {
    const ofContainer = (Action: string): string =>
      `${JSON.stringify({ Type: 'container', Action, Actor: { ID: 'c1', Attributes: { name: 'new', oldName: '/old' } } })}\n`
    const { engine } = await opened(
      withInfo((_, response) =>
        response.write(['create', 'rename', 'destroy'].map(ofContainer).join('') + created('blue')),
      ),
    )
    const events = engine.networkEvents(never)[Symbol.asyncIterator]()
    await events.next()
    expect((await events.next()).value).toEqual({ type: 'container', action: 'rename', id: 'c1', name: 'new' })
    expect((await events.next()).value).toEqual(asRead('blue'))
    await events.return?.()
  })

  it.each<[string, Script]>([
    ['ends them', (_, response) => response.end(created('blue'))],
    ['breaks off', (_, response) => response.write(created('blue'), () => response.destroy())],
    [
      'breaks off within a line',
      (_, response) => response.write(`${created('blue')}{"Type":`, () => response.destroy()),
    ],
  ])('that came are told, then that the engine went away, if it %s', async (_, script) => {
    const { engine } = await opened(withInfo(script))
    const seen: EngineEvent[] = []
    const reading = (async () => {
      for await (const event of engine.networkEvents(never)) seen.push(event)
    })()
    await expect(reading).rejects.toMatchObject({
      name: 'EngineUnavailableError',
      message: expect.stringContaining('GET /events') as string,
    })
    expect(seen).toEqual([{ type: 'subscribed' }, asRead('blue')])
  })

  it('end silently when the signal aborts, before, while it connects, and while nothing happens', async () => {
    const early = new AbortController()
    const { engine } = await opened(withInfo((_, response) => response.flushHeaders()))
    early.abort()
    expect(await allOf(engine.networkEvents(early.signal))).toEqual([])

    const late = new AbortController()
    const seen: EngineEvent[] = []
    for await (const event of engine.networkEvents(late.signal)) {
      seen.push(event)
      setTimeout(() => late.abort(), 20)
    }
    expect(seen).toEqual([{ type: 'subscribed' }])

    const connecting = new AbortController()
    const { engine: silent } = await opened(() => connecting.abort())
    expect(await allOf(silent.networkEvents(connecting.signal))).toEqual([])
  })

  it('throw when they cannot begin, and when the client is closed', async () => {
    const { server, engine } = await opened(
      withInfo((_, response) => answer(response, 403, { message: 'authorization denied by plugin az: no' })),
    )
    await expect(allOf(engine.networkEvents(never))).rejects.toMatchObject({ code: 'denied' })
    server.script = withInfo((_, response) => response.flushHeaders())
    const events = engine.networkEvents(never)[Symbol.asyncIterator]()
    await events.next()
    const next = expect(events.next()).rejects.toThrow(/was closed/)
    await engine.close()
    await next
  })

  it('are read on while their reader is busy, and are given up when too many wait', async () => {
    const { engine } = await opened(
      withInfo((_, response) => {
        const line = created('blue')
        let sent = 0
        const more = (): void => {
          // Only a reader that goes on reading makes room.
          while (sent++ < 10_100) if (!response.write(line)) return void response.once('drain', more)
          response.write(created('last'))
        }
        more()
      }),
    )
    const events = engine.networkEvents(never)[Symbol.asyncIterator]()
    const first = events.next()
    // Once another reader has seen them, all have come.
    for await (const event of engine.networkEvents(never)) if (event.type === 'network' && event.name === 'last') break
    await first
    let seen = 0
    const readOn = async (): Promise<void> => {
      while (!(await events.next()).done) seen += 1
    }
    await expect(readOn()).rejects.toThrow(/10000 events of the Docker engine waited/)
    expect(seen).toBe(10_000)
  }, 30_000)
})
