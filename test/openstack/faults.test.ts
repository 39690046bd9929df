import { pino } from 'pino'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../src/openstack-neutron/open-openstack-neutron.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { machineWith } from '../../src/config/testing/machine.ts'
import { cloudOf, type TestOpenStack, testOpenStack } from '../contract/openstack-cloud.ts'
import type { EndpointRecord, NetworkRecord } from '../integration/drivers/docker.ts'
import { removeNamespaces } from '../integration/drivers/namespaces.ts'
import { DockerError } from '../integration/drivers/plugin-client.ts'
import { type Fault, FaultProxy, type SeenRequest } from '../integration/openstack/fault-proxy.ts'
import { OpenStackHost } from '../integration/openstack/openstack-host.ts'

/** Seconds in which the plugin must have answered Docker. */
const CALL_TIMEOUT = 10

/** Milliseconds by which an answer is late that comes when everybody has given up. */
const LATE = 30_000

/** Seconds for one request to Neutron with all its repetitions. */
const REQUEST_TIMEOUT = 3

/** Before Neutron and Keystone, for one host. */
interface Proxies {
  neutron: FaultProxy
  keystone: FaultProxy
}

const flags = { subnet: '10.1.0.0/24', gateway: '10.1.0.1' }

describe('when Neutron fails', () => {
  let cloud: TestOpenStack
  let proxy: FaultProxy
  let host: OpenStackHost
  /** Looks past the proxy, and has time. */
  let operator: OpenStackNeutron
  let before: unknown
  beforeAll(async () => {
    await removeNamespaces()
    cloud = await testOpenStack({
      hosts: ['a', 'b', 'c', 'd'],
      extensionDrivers: ['port_security', 'tag_ports_during_bulk_creation'],
    })
    proxy = await FaultProxy.to(cloud.openstack.neutron.url)
    const settings = { endpoint_override: proxy.url, timeout: String(REQUEST_TIMEOUT) }
    const options = { callTimeout: CALL_TIMEOUT, settledAfter: 6000 }
    host = await OpenStackHost.open('a', cloudOf(cloud.openstack, settings), options)
    operator = openOpenStackNeutron(cloudOf(cloud.openstack), pino({ level: 'silent' }))
    // The first calls of a new Neutron are slow.
    await vi.waitFor(() => host.neutron.extensions(), { timeout: 60_000 })
  }, 240_000)
  afterAll(async () => {
    await host.close()
    await operator.close()
    await proxy.close()
    await removeNamespaces()
    await cloud.remove()
  })
  beforeEach(async () => {
    before = await content()
    host.slowest = 0
  })
  afterEach(async () => {
    proxy.heal()
    await host.settled()
    expect(await content()).toEqual(before)
    expect(await host.plugged()).toEqual([])
    // The rest of its deadline is for a machine that is busy.
    expect(host.slowest).toBeLessThan((CALL_TIMEOUT + 3) * 1000)
  })

  /** All that Neutron has, by id. */
  async function content(): Promise<unknown> {
    const { networks, subnets, subnetpools, ports } = operator
    const lists = await Promise.all([networks.list(), subnets.list(), subnetpools.list(), ports.list()])
    return lists.map(list => list.map(({ id }) => id).sort())
  }

  /** A network and a container's life as Docker drives it; what Docker was refused it takes back, as it does. */
  async function life(): Promise<{ refused: boolean }> {
    let network: NetworkRecord | undefined
    let endpoint: EndpointRecord | undefined
    try {
      network = await host.docker.createNetwork(flags)
      endpoint = await host.docker.run(network)
      return { refused: false }
    } catch (error) {
      if (!(error instanceof DockerError)) throw error
      return { refused: true }
    } finally {
      if (endpoint) await host.docker.stop(endpoint)
      if (network) await host.docker.removeNetwork(network)
    }
  }

  const changes = ({ method }: SeenRequest): boolean => method !== 'GET'

  /** The fault hits the one request of that number that changes something. */
  function hits(number: number, fault: Fault): void {
    let count = 0
    proxy.inject(request => (changes(request) && (count += 1) === number ? fault : undefined))
  }

  // Six of network create, two of the container's start, one of its stop, two of network rm.
  const LOST: [string, Fault, number[]][] = [
    ['its answer is lost', { kind: 'no answer' }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['its answer breaks off', { kind: 'half an answer' }, [3, 8]],
    ['a gateway loses patience', { kind: 'status after', status: 504 }, [5, 10]],
  ]
  describe.each(LOST)('%s', (_, fault, numbers) => {
    it.each(numbers)('to change %i of a life', async number => {
      hits(number, fault)
      const { refused } = await life()
      // A POST cannot be sent again: pool, network, subnet and port. All else is done when Docker has its answer.
      expect(refused).toBe([1, 3, 5, 7].includes(number))
    })
  })

  describe('in the operator’s network', () => {
    it.each([
      // In the middle of the network's marks.
      ['made', 4, 'POST'],
      // The subnet's mark, the pool, and the first and last of the network's marks.
      ['removed', 1, 'DELETE'],
      ['removed', 2, 'DELETE'],
      ['removed', 3, 'DELETE'],
      ['removed', 5, 'DELETE'],
    ])(
      'a Docker network that is half %s when Neutron falls silent, at change %i, leaves it as it was',
      async (_, number, method) => {
        const { id } = await operator.networks.create({ name: 'of the operator', tags: ['theirs'] })
        const { id: subnetId } = await operator.subnets.create({ network_id: id, ip_version: 4, cidr: flags.subnet })
        const kept = await content()
        let count = 0
        proxy.inject(request => {
          const counts = method === 'DELETE' ? request.method === 'DELETE' : changes(request)
          if (counts) count += 1
          return count >= number ? { kind: 'no answer' } : undefined
        })
        const made = await host.docker
          .createNetwork({ ...flags, opt: { 'neutron.net.uuid': id } })
          .catch(() => undefined)
        if (made) await host.docker.removeNetwork(made)
        expect(count).toBeGreaterThanOrEqual(number)
        host.docker.ignored.length = 0
        proxy.heal()
        await host.settled()
        expect(await content()).toEqual(kept)
        expect((await operator.networks.show(id)).tags).toEqual(['theirs'])
        expect((await operator.subnets.show(subnetId)).tags).toEqual([])
        await operator.networks.delete(id)
      },
    )
  })

  it.each([500, 409])('every change is refused with %i: Docker gets an error, and nothing is left', async status => {
    const body = JSON.stringify({ NeutronError: { type: 'Weird', message: 'no luck today', detail: '' } })
    proxy.inject(request => (changes(request) ? { kind: 'status', status, body } : undefined))
    await expect(host.docker.createNetwork(flags)).rejects.toThrow('no luck today')
  })

  it('what cannot be released while it answers 503 is released later', async () => {
    const network = await host.docker.createNetwork(flags)
    const endpoint = await host.docker.run(network)
    proxy.inject(() => ({ kind: 'status', status: 503 }))
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(network)
    expect(host.docker.ignored.length).toBeGreaterThan(0)
    host.docker.ignored.length = 0
  })

  it.each([
    [429, { 'retry-after': '1' }],
    [503, { 'retry-after': '1' }],
  ])('a request that is to come again later (%i) comes, after the time that was asked for', async (status, headers) => {
    let refused: number | undefined
    let came: number | undefined
    proxy.inject(({ method, target }) => {
      if (method !== 'POST' || !target.startsWith('/v2.0/ports')) return undefined
      if (refused !== undefined) came ??= performance.now()
      if (refused !== undefined) return undefined
      refused = performance.now()
      return { kind: 'status', status, headers }
    })
    expect(await life()).toEqual({ refused: false })
    expect((came ?? 0) - (refused ?? 0)).toBeGreaterThan(900)
  })

  it.each(['POST', 'PUT', 'DELETE'])(
    'a %s that is carried out long after Docker was told leaves nothing',
    async method => {
      const late = (REQUEST_TIMEOUT + 1.5) * 1000
      let once = true
      proxy.inject(request => {
        const isPort = request.target.startsWith('/v2.0/ports') && request.method === method && once
        if (isPort) once = false
        return isPort ? { kind: 'late', milliseconds: late } : undefined
      })
      expect(await life()).toEqual({ refused: method !== 'DELETE' })
    },
  )

  it('a neutron-server that dies in the middle of a start, and comes back, has nothing left of it', async () => {
    const network = await host.docker.createNetwork(flags)
    let dying: Promise<void> | undefined
    proxy.inject(({ method, target }) => {
      if (method !== 'POST' || !target.startsWith('/v2.0/ports') || dying) return undefined
      dying = cloud.openstack.neutron.kill()
      return { kind: 'first', act: () => dying ?? Promise.resolve() }
    })
    await expect(host.docker.run(network)).rejects.toThrow(DockerError)
    await cloud.openstack.neutron.start()
    // One that has just started is slow: the next start may come too early, as a user's may.
    const endpoint = await vi.waitFor(() => host.docker.run(network), { timeout: 40_000, interval: 500 })
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(network)
  })

  it('a neutron-server that is away while a container and its network are removed loses both when it is back', async () => {
    const network = await host.docker.createNetwork(flags)
    const endpoint = await host.docker.run(network)
    await cloud.openstack.neutron.kill()
    await host.docker.stop(endpoint)
    await host.docker.removeNetwork(network)
    expect(await host.plugged()).toEqual([])
    host.docker.ignored.length = 0
    await cloud.openstack.neutron.start()
  })

  it('answers that are 30 s late, with the timeouts of kuryr.conf: Docker has its own in time, and nothing is left', async () => {
    await Promise.all([
      startAndRemove('b', ({ neutron }) => neutron.inject(late)),
      startAndRemove('c', ({ neutron, keystone }) => {
        // The token is refused, and Keystone is slow to give another.
        neutron.inject(() => ({ kind: 'status', status: 401 }))
        keystone.inject(late)
      }),
      logInLate('d'),
    ])
  }, 400_000)

  const late = (): Fault => ({ kind: 'late', milliseconds: LATE })

  /** While it goes wrong one container is refused, another one and its network are removed, and Docker goes on. */
  async function startAndRemove(name: string, goWrong: (proxies: Proxies) => void): Promise<void> {
    const { id } = await operator.networks.create({ name, tags: ['theirs'] })
    await operator.subnets.create({ network_id: id, ip_version: 4, cidr: flags.subnet })
    await onPatientHost(name, async ({ docker }, proxies) => {
      const network = await docker.createNetwork({ ...flags, opt: { 'neutron.net.uuid': id } })
      const running = await docker.run(network)
      goWrong(proxies)
      await Promise.all([expect(docker.run(network)).rejects.toThrow(DockerError), docker.stop(running)])
      await docker.removeNetwork(network)
      expect(docker.ignored.length).toBeGreaterThan(0)
      docker.ignored.length = 0
    })
    expect((await operator.networks.show(id)).tags).toEqual(['theirs'])
    // Refused while a port is in it.
    await operator.networks.delete(id)
  }

  /** A daemon that has just started cannot log in; it goes on when Keystone does. */
  async function logInLate(name: string): Promise<void> {
    await onPatientHost(name, async ({ docker }, { keystone }) => {
      keystone.inject(late)
      await expect(docker.createNetwork(flags)).rejects.toThrow(/Keystone .* within 20 s/)
      keystone.heal()
      const network = await docker.createNetwork(flags)
      await docker.stop(await docker.run(network))
      await docker.removeNetwork(network)
    })
  }

  /** Does the work on a host of its own with default timeouts, then lets all that is late come, and be made good. */
  async function onPatientHost(
    name: string,
    work: (host: OpenStackHost, proxies: Proxies) => Promise<void>,
  ): Promise<void> {
    const { openstack } = cloud
    const neutron = await FaultProxy.to(openstack.neutron.url)
    const keystone = await FaultProxy.to(openstack.keystone?.url ?? '')
    const settings = { endpoint_override: neutron.url, auth_url: keystone.url }
    const { call_timeout: callTimeout } = loadConfig({}, machineWith({})).config.DEFAULT
    const patient = await OpenStackHost.open(name, cloudOf(openstack, settings), {
      callTimeout,
      settledAfter: 2 * LATE,
    })
    await work(patient, { neutron, keystone })
    for (const proxy of [neutron, keystone]) proxy.heal()
    await Promise.all([neutron.quiet(), keystone.quiet()])
    await patient.settled()
    expect(await patient.plugged()).toEqual([])
    // The rest is for a machine that is busy.
    expect(patient.slowest).toBeLessThan((callTimeout + 3) * 1000)
    await patient.close()
    for (const proxy of [neutron, keystone]) await proxy.close()
  }
})
