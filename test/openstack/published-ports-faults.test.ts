import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { birthMark } from '../../src/ownership/birth-marks.ts'
import { dockerIdTags } from '../../src/ownership/marks.ts'
import { sweepFloatingIps } from '../../src/ownership/sweep-floating-ips.ts'
import { dockerId, type NetworkRecord, plainAddress } from '../integration/drivers/docker.ts'
import type { Fault, SeenRequest } from '../integration/openstack/fault-proxy.ts'
import { PublishingScene, tcp } from '../integration/openstack/publishing-scene.ts'

const publish = [tcp(80, 8080), tcp(81, 8081)]

describe('published ports, when Neutron fails', () => {
  let scene: PublishingScene
  let before: unknown
  beforeAll(async () => (scene = await PublishingScene.open()), 240_000)
  afterAll(() => scene.close())
  beforeEach(async () => (before = await scene.content()))
  afterEach(async () => {
    await scene.settled()
    scene.hosts[0].docker.ignored.length = 0
    expect(await scene.published()).toEqual([])
    expect(await scene.content()).toEqual(before)
  })

  /** The fault hits the one request of that number among those that match. */
  function hits(number: number, matches: (request: SeenRequest) => boolean, fault: Fault): void {
    let count = 0
    scene.proxy.inject(request => (matches(request) && (count += 1) === number ? fault : undefined))
  }

  const of =
    (method: string, path: RegExp) =>
    (request: SeenRequest): boolean =>
      request.method === method && path.test(request.target)
  const allocation = of('POST', /\/floatingips$/)
  const forwarding = of('POST', /\/port_forwardings$/)

  /** A life with published ports; what Docker was refused it takes back, as it does. */
  async function life(network: NetworkRecord): Promise<'refused' | 'started'> {
    const { docker } = scene.hosts[0]
    try {
      await docker.stop(await docker.run(network, { publish }))
      return 'started'
    } catch {
      return 'refused'
    }
  }

  it.each([
    ['the answer to the allocation', 1, allocation, 'refused'],
    ['the answer to the marks of the floating IP', 1, of('PUT', /\/floatingips\/.*\/tags$/), 'started'],
    ['the answer to the first forwarding', 1, forwarding, 'refused'],
    ['the answer to the second forwarding', 2, forwarding, 'refused'],
    ['the answer to a withdrawal', 1, of('DELETE', /\/port_forwardings\//), 'started'],
  ] as const)('without %s nothing is left, and the next start succeeds', async (_, number, matches, outcome) => {
    const network = await scene.createNetwork()
    hits(number, matches, { kind: 'no answer' })
    expect(await life(network)).toBe(outcome)
    scene.proxy.heal()
    expect(await life(network)).toBe('started')
    await scene.hosts[0].docker.removeNetwork(network)
  })

  it('a port of the operator is not left with a forwarding whose answer was lost', async () => {
    const fixed_ips = [{ ip_address: '10.9.0.77' }]
    const { id } = await scene.operator.ports.create({ network_id: scene.inside, fixed_ips })
    const network = await scene.createNetwork()
    hits(1, forwarding, { kind: 'no answer' })
    await expect(scene.hosts[0].docker.run(network, { publish, ip: '10.9.0.77' })).rejects.toThrow()
    await scene.settled()
    expect(await scene.published()).toEqual([])
    await scene.hosts[0].docker.removeNetwork(network)
    await scene.operator.ports.delete(id)
  })

  it('what cannot be withdrawn and given back now is, later', async () => {
    const { docker } = scene.hosts[0]
    const network = await scene.createNetwork()
    const endpoint = await docker.run(network, { publish })
    scene.proxy.inject(() => ({ kind: 'status', status: 500 }))
    await docker.stop(endpoint)
    await docker.removeNetwork(network)
    expect(docker.ignored.length).toBeGreaterThan(0)
  })

  it('of two floating IPs that hosts allocated at once one stays, whoever was slower', async () => {
    const network = await scene.createNetwork()
    const [a, b] = scene.hosts
    let other: Promise<unknown> = Promise.resolve()
    // The first host has found none, and allocates while the second does the same.
    hits(1, allocation, {
      kind: 'first',
      act: async () => {
        other = b.docker.run(network, { publish: [tcp(80, 9090)] })
        await other
      },
    })
    const endpoint = await a.docker.run(network, { publish })
    const [floatingIp, second] = await scene.floatingIps()
    expect(second).toBeUndefined()
    expect(await scene.published()).toHaveLength(3)
    expect(await scene.published()).toContain(
      `${floatingIp?.floating_ip_address ?? ''}:8080/tcp ${plainAddress(endpoint)}:80`,
    )
    await a.docker.stop(endpoint)
    await b.docker.stop((await other) as typeof endpoint)
    await a.docker.removeNetwork(network)
  })

  it('a Neutron without port forwarding is told as such', async () => {
    const network = await scene.createNetwork()
    scene.proxy.inject(request => (forwarding(request) ? { kind: 'status', status: 404 } : undefined))
    scene.proxy.rewrite((body, { target }) =>
      target.includes('/extensions') ? body.replaceAll('"floating-ip-port-forwarding"', '"none"') : body,
    )
    await expect(scene.hosts[0].docker.run(network, { publish })).rejects.toThrow(
      'Neutron lacks floating-ip-port-forwarding: its operator adds router and port_forwarding to service_plugins',
    )
    scene.proxy.heal()
    await scene.hosts[0].docker.removeNetwork(network)
  })

  describe('a new start of the daemon', () => {
    const sweep = (later = 0): Promise<void> => {
      const { operator } = scene
      const about = { host: 'a', now: Date.now() + later, log: pino({ level: 'silent' }) }
      return sweepFloatingIps({ neutron: operator, access: operator.access }, about, {})
    }
    const allocate = (description: string, tags: string[] = []): Promise<{ id: string }> =>
      scene.operator.access.floatingIps.create({
        ...{ floating_network_id: scene.outside, description },
        ...(tags.length > 0 && { tags }),
      })

    it('removes floating IPs that it did not come to mark, and those of networks that are gone, of any host', async () => {
      await allocate(birthMark('a'))
      await allocate(birthMark('b'), dockerIdTags(dockerId()))
      await sweep(120_000)
    })

    it('leaves young ones, other hosts’, the operator’s and those in use', async () => {
      const kept = [await allocate(birthMark('a')), await allocate(birthMark('b')), await allocate('of the operator')]
      const network = await scene.createNetwork()
      const endpoint = await scene.hosts[1].docker.run(network, { publish })
      await sweep()
      expect(await scene.floatingIps()).toHaveLength(4)
      expect(await scene.published()).toHaveLength(2)
      await scene.hosts[1].docker.stop(endpoint)
      await scene.hosts[0].docker.removeNetwork(network)
      for (const { id } of kept) await scene.operator.access.floatingIps.delete(id)
    })

    it('removes our forwardings to a port of the operator that no container has any more', async () => {
      const fixed_ips = [{ ip_address: '10.9.0.77' }]
      const { id } = await scene.operator.ports.create({ network_id: scene.inside, fixed_ips })
      const network = await scene.createNetwork()
      const [host] = scene.hosts
      const endpoint = await host.docker.run(network, { publish, ip: '10.9.0.77' })
      // Of an endpoint that died with its dockerd, an older Docker releases the addresses only.
      await host.restart()
      await host.docker.releaseAddresses(endpoint)
      expect(await scene.published()).toHaveLength(2)
      await sweep()
      expect(await scene.published()).toEqual([])
      await host.docker.removeNetwork(network)
      await scene.operator.ports.delete(id)
    })
  })
})
