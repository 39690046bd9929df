import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DockerEngine, EngineEvent, NetworkCreateBody } from '../../../src/docker-engine/docker-engine.ts'
import { openDockerEngine } from '../../../src/docker-engine/open-docker-engine.ts'
import { type Lab, startLab } from '../../lab/lab.ts'

/** On real engines, without any plugin: Docker's own drivers are enough to hear an engine speak. */
const engines = [
  { docker: '20.10', version: /^20\.10\./ },
  { docker: '26', version: /^26\./ },
  { docker: 'newest', version: /^(2[6-9]|[3-9]\d)\./ },
] as const

const pool = {
  Subnet: '10.99.0.0/24',
  Gateway: '10.99.0.1',
  IPRange: '10.99.0.128/25',
  AuxiliaryAddresses: { r: '10.99.0.5' },
}
const blue: NetworkCreateBody = {
  Name: 'blue',
  Driver: 'bridge',
  Internal: false,
  Attachable: true,
  EnableIPv6: false,
  IPAM: { Driver: 'default', Options: { an: 'ipam option' }, Config: [pool] },
  Options: { 'an.option': 'with = and "' },
  Labels: { 'a label': 'ü\n', empty: '' },
}
let pools = 0
/** A network with a pool of its own, so that any number of them fit. */
function small(Name: string): NetworkCreateBody {
  const Subnet = `10.98.${Math.floor(pools / 16) % 256}.${(pools % 16) * 16}/28`
  pools += 1
  return { ...blue, Name, Internal: true, IPAM: { Driver: 'default', Options: {}, Config: [{ Subnet }] } }
}

/** What an engine tells of its networks. */
class Watch {
  readonly seen: EngineEvent[] = []
  readonly ended: Promise<unknown>
  readonly #stop = new AbortController()

  constructor(engine: DockerEngine) {
    this.ended = this.#follow(engine).catch((error: unknown) => error)
  }

  static async on(engine: DockerEngine): Promise<Watch> {
    const watch = new Watch(engine)
    await expect.poll(() => watch.seen, { timeout: 10_000 }).toContainEqual({ type: 'subscribed' })
    onTestFinished(() => watch.stop())
    return watch
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.ended
  }

  async #follow(engine: DockerEngine): Promise<undefined> {
    for await (const event of engine.networkEvents(this.#stop.signal)) this.seen.push(event)
    return undefined
  }
}

describe.each(engines)('Docker $docker', ({ docker, version }) => {
  let lab: Lab
  let engine: DockerEngine

  beforeAll(async () => {
    lab = await startLab({ name: `engine ${docker}`, hosts: 1, docker, kuryr: false, clusterStore: false })
    engine = openDockerEngine({ host: lab.host(1).dockerUrl, log: pino({ level: 'silent' }) })
  })

  afterAll(async () => {
    await engine.close()
    await lab.stop()
  })

  /** Makes a network that goes with the test. */
  async function created(body: NetworkCreateBody): Promise<string> {
    const { id } = await engine.createNetwork(body)
    onTestFinished(() => engine.removeNetwork(id))
    return id
  }

  it('tells who it is', async () => {
    const info = await engine.info()
    expect(info).toMatchObject({ name: 'node1', version: expect.stringMatching(version) as string, swarm: false })
    expect(info.id.length).toBeGreaterThan(10)
    expect(info.clusterStore).toBeUndefined()
  })

  it('makes a network and tells it as it was asked for', async () => {
    const id = await created(blue)
    const { Created, EnableIPv4, ...network } = (await engine.inspectNetwork(id)) ?? { Created: '' }
    expect(network).toEqual({
      ...blue,
      Id: id,
      Scope: 'local',
      Ingress: false,
      ConfigOnly: false,
      ConfigFrom: { Network: '' },
      Containers: {},
    })
    expect(Date.parse(Created)).toBeGreaterThan(Date.now() - 3_600_000)
    expect(EnableIPv4 ?? true).toBe(true)
    expect(await engine.inspectNetwork('blue')).toMatchObject({ Id: id })
    const { Containers: _, ...listed } = (await engine.inspectNetwork(id)) ?? {}
    expect(await engine.listNetworks('bridge')).toContainEqual(listed)
  })

  it('lists the networks of one driver only', async () => {
    const lists = await Promise.all(['bridge', 'null', 'nosuch'].map(driver => engine.listNetworks(driver)))
    expect(lists.map(list => list.map(network => network.Name))).toEqual([['bridge'], ['none'], []])
  })

  it('is not asked for a network by the beginning of its id', async () => {
    const id = await created(small('a'))
    expect(await engine.inspectNetwork(id.slice(0, 12))).toBeUndefined()
    expect(await engine.inspectNetwork('nosuch')).toBeUndefined()
    expect(await engine.inspectNetwork('0'.repeat(64))).toBeUndefined()
  })

  it.each([
    'a/b',
    '..',
    '.',
    '/',
    'a//b',
    '%2e',
    'a?b',
    'a#b',
    ' x y ',
    '-x',
    'ünï',
    'create',
    'null',
    '\u0001',
    'x'.repeat(2000),
  ])('finds a network by the name %j', async name => {
    const id = await created(small(name))
    expect(await engine.inspectNetwork(name)).toMatchObject({ Id: id, Name: name })
  })

  it('refuses a name that is taken', async () => {
    await created(small('taken'))
    await expect(engine.createNetwork(small('taken'))).rejects.toMatchObject({ name: 'EngineError', code: 'conflict' })
    await expect(engine.createNetwork(small(''))).rejects.toMatchObject({ code: 'refused' })
  })

  it('gives the name to one only of many who ask at once; 20.10 may give it to several, which are ambiguous then', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => created(small('wanted'))))
    const winners = asked.filter(({ status }) => status === 'fulfilled').length
    for (const outcome of asked) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' })
    }
    if (docker !== '20.10' || winners === 1) {
      expect(winners).toBe(1)
      expect(await engine.inspectNetwork('wanted')).toMatchObject({ Name: 'wanted' })
    } else {
      expect(winners).toBeGreaterThan(1)
      await expect(engine.inspectNetwork('wanted')).rejects.toMatchObject({ name: 'EngineError', code: 'ambiguous' })
    }
  })

  it('refuses what cannot be', async () => {
    await created(blue)
    const overlapping = { ...blue, Name: 'other' }
    await expect(engine.createNetwork(overlapping)).rejects.toMatchObject({ code: 'refused', status: 403 })
    await expect(engine.createNetwork({ ...small('o'), Driver: 'overlay' })).rejects.toMatchObject({ code: 'refused' })
    const bridge = await engine.inspectNetwork('bridge')
    await expect(engine.removeNetwork(bridge?.Id ?? '')).rejects.toMatchObject({ code: 'refused' })
  })

  it('makes a network without IPv4, or says that it cannot', async () => {
    const config = [{ Subnet: 'fd00:99::/64' }]
    const body = { ...blue, Name: 'six', EnableIPv4: false, EnableIPv6: true, IPAM: { ...blue.IPAM, Config: config } }
    if (docker === 'newest') {
      expect(await engine.inspectNetwork(await created(body))).toMatchObject({ EnableIPv4: false, EnableIPv6: true })
    } else {
      await expect(engine.createNetwork(body)).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('Docker 28') as string,
      })
    }
  })

  it('tells the containers of a network, and does not remove it while it has some', async () => {
    const id = await created(blue)
    const container = (await lab.host(1).docker('run', '-dt', '--name', 'c1', '--net', 'blue', 'busybox')).trim()
    onTestFinished(() =>
      lab
        .host(1)
        .docker('rm', '-f', 'c1')
        .then(() => undefined),
    )
    const found = await engine.inspectNetwork(id)
    expect(found?.Containers).toMatchObject({
      [container]: { Name: 'c1', IPv4Address: '10.99.0.128/24', IPv6Address: '' },
    })
    await expect(engine.removeNetwork(id)).rejects.toMatchObject({ name: 'EngineError', code: 'inUse' })
    await lab.host(1).docker('rm', '-f', 'c1')
    await engine.removeNetwork(id)
    await engine.removeNetwork(id)
    expect(await engine.inspectNetwork(id)).toBeUndefined()
  })

  it('tells a container’s name, labels and endpoints, as they are now', async () => {
    const id = await created(blue)
    const labels = ['--label', 'team=net', '--label', 'größe=a=b,c']
    const run = ['run', '-dt', '--name', 'told', '--net', 'blue', ...labels, 'busybox']
    const container = (await lab.host(1).docker(...run)).trim()
    onTestFinished(async () => {
      await lab.host(1).tryDocker('rm', '-f', container)
    })
    const Labels = { team: 'net', größe: 'a=b,c' }
    const { EndpointID } = (await engine.inspectNetwork(id))?.Containers?.[container] ?? { EndpointID: 'none' }
    expect(await engine.inspectContainer(container)).toEqual({
      ...{ Id: container, Name: 'told', Labels },
      Endpoints: [{ NetworkID: id, EndpointID }],
    })
    expect(await engine.listContainers()).toEqual([{ Id: container, Labels }])
    await lab.host(1).docker('rename', 'told', 'told.anew')
    await lab.host(1).docker('network', 'disconnect', 'blue', 'told.anew')
    expect(await engine.inspectContainer(container)).toMatchObject({ Name: 'told.anew', Endpoints: [] })
    await lab.host(1).docker('rm', '-f', container)
    expect(await engine.inspectContainer(container)).toBeUndefined()
    expect(await engine.listContainers()).toEqual([])
  })

  it('tells what happens to networks, in order and from now on', async () => {
    await engine.removeNetwork((await engine.createNetwork(small('before'))).id)
    const watch = await Watch.on(engine)
    const { id } = await engine.createNetwork(small('green'))
    const container = (await lab.host(1).docker('create', '--name', 'old', '--net', 'green', 'busybox', 'true')).trim()
    await lab.host(1).docker('rename', 'old', 'new')
    await lab.host(1).docker('start', '--attach', 'new')
    await expect.poll(() => watch.seen.length, { timeout: 10_000 }).toBe(5)
    await lab.host(1).docker('rm', 'new')
    await engine.removeNetwork(id)
    const network = { type: 'network', id, name: 'green', driver: 'bridge' }
    const act = (action: string): object => ({ ...network, action, ...(action.endsWith('connect') && { container }) })
    const renamed = { type: 'container', action: 'rename', id: container, name: 'new' }
    const expected = [act('create'), renamed, act('connect'), act('disconnect'), act('destroy')]
    await expect.poll(() => watch.seen, { timeout: 10_000 }).toEqual([{ type: 'subscribed' }, ...expected])
    await watch.stop()
    expect(await watch.ended).toBeUndefined()
  })

  it('is heard or listed, whatever it does while events are subscribed to', async () => {
    const making = (async () => {
      const ids: string[] = []
      for (let i = 0; i < 30; i++) ids.push(await created(small(`while ${i}`)))
      return ids
    })()
    const watches = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const watch = new Watch(engine)
        onTestFinished(() => watch.stop())
        await expect.poll(() => watch.seen.length, { timeout: 10_000, interval: 1 }).toBeGreaterThan(0)
        return { watch, listed: (await engine.listNetworks('bridge')).map(network => network.Id) }
      }),
    )
    const ids = await making
    for (const { watch, listed } of watches) {
      const known = (): string[] => [
        ...listed,
        ...watch.seen.flatMap(event => (event.type === 'network' ? event.id : [])),
      ]
      await expect.poll(known, { timeout: 10_000 }).toEqual(expect.arrayContaining(ids))
    }
  })

  it('is heard on after a line that is too long', async () => {
    const watch = await Watch.on(engine)
    const long = await engine.createNetwork(small('y'.repeat(2_000_000)))
    await engine.removeNetwork(long.id)
    const id = await created(small('short'))
    await expect
      .poll(() => watch.seen, { timeout: 10_000 })
      .toMatchObject([{ type: 'subscribed' }, { action: 'create', id }])
  })

  it('ends its events when it is stopped or killed, and is itself again after', async () => {
    const { id: before, version: same } = await engine.info()
    for (const end of ['stop', 'kill'] as const) {
      const watch = await Watch.on(engine)
      await lab.host(1).daemon[end]()
      expect(await watch.ended).toMatchObject({ name: 'EngineUnavailableError' })
      await expect(engine.info()).rejects.toMatchObject({ name: 'EngineUnavailableError', outcome: 'not-done' })
      await lab.host(1).daemon.start()
      expect(await engine.info()).toMatchObject({ id: before, version: same })
      expect(await engine.listNetworks('bridge')).toMatchObject([{ Name: 'bridge' }])
    }
  })
})
