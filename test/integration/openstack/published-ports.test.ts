import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FloatingIp } from '../../../src/neutron/access.ts'
import { type EndpointRecord, type NetworkRecord, nth, plainAddress, type PortMapping } from '../drivers/docker.ts'
import { PublishingScene, tcp } from './publishing-scene.ts'

describe('published ports on a real Neutron', () => {
  let scene: PublishingScene
  beforeAll(async () => (scene = await PublishingScene.open()), 240_000)
  afterAll(() => scene.close())

  describe('of a network that says how', () => {
    let network: NetworkRecord
    let before: unknown
    const running: [number, EndpointRecord][] = []

    beforeEach(async () => {
      before = await scene.content()
      network = await scene.createNetwork()
    })
    afterEach(async () => {
      for (const [index, endpoint] of running.splice(0)) await hostOf(index).docker.stop(endpoint)
      expect(await scene.published()).toEqual([])
      await hostOf(0).docker.removeNetwork(network)
      expect(hostOf(0).docker.ignored.splice(0)).toEqual([])
      expect(await scene.content()).toEqual(before)
    })

    const hostOf = (index: number): PublishingScene['hosts'][0] => nth(scene.hosts, index)

    async function run(publish: PortMapping[], { on = 0, ip }: { on?: number; ip?: string } = {}): Promise<string> {
      const endpoint = await hostOf(on).docker.run(network, { publish, ...(ip !== undefined && { ip }) })
      running.push([on, endpoint])
      return plainAddress(endpoint)
    }

    async function onlyFloatingIp(): Promise<FloatingIp> {
      const all = await scene.floatingIps()
      expect(all).toHaveLength(1)
      return nth(all, 0)
    }

    it('lead from one floating IP of the network to the containers of all hosts, until they stop', async () => {
      const first = await run([tcp(80, 8080), { ...tcp(53, 53), Proto: 17 }])
      const { floating_ip_address: at } = await onlyFloatingIp()
      const second = await run([tcp(80, 8081)], { on: 1 })
      const last = `${at}:8081/tcp ${second}:80`
      expect(await scene.published()).toEqual([`${at}:53/udp ${first}:53`, `${at}:8080/tcp ${first}:80`, last])
      const [index, endpoint] = nth(running.splice(0, 1), 0)
      await hostOf(index).docker.stop(endpoint)
      expect(await scene.published()).toEqual([last])
      expect((await onlyFloatingIp()).floating_ip_address).toBe(at)
    })

    it('cost one request for each port, at the start and at the stop, once the floating IP is known', async () => {
      await run([tcp(80, 8080), tcp(81, 8082)])
      const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
        const count = scene.proxy.seen.length
        await work()
        return scene.proxy.seen.length - count
      }
      let endpoint!: EndpointRecord
      const publish = [tcp(80, 8081), tcp(81, 0)]
      const start = await requestsOf(async () => (endpoint = await hostOf(0).docker.run(network, { publish })))
      const stop = await requestsOf(() => hostOf(0).docker.stop(endpoint))
      expect([start, stop]).toEqual([2 + 2, 1 + 2])
    })

    it('are as they were when Docker tells of them again', async () => {
      await run([tcp(80, 8080), tcp(81, 0), tcp(82, 9000, { HostPortEnd: 9009 })])
      const once = await scene.published()
      const [, { id: EndpointID }] = nth(running, 0)
      const ids = { NetworkID: network.id, EndpointID }
      const again = [tcp(80, 8080), tcp(81, 0), tcp(82, 9000, { HostPortEnd: 9009 })]
      const Options = { 'com.docker.network.portmap': again }
      await hostOf(0).call('NetworkDriver.ProgramExternalConnectivity', { ...ids, Options })
      expect(await scene.published()).toEqual(once)
      await hostOf(0).call('NetworkDriver.RevokeExternalConnectivity', ids)
      await hostOf(0).call('NetworkDriver.RevokeExternalConnectivity', ids)
      expect(await scene.published()).toEqual([])
      await hostOf(0).call('NetworkDriver.ProgramExternalConnectivity', { ...ids, Options })
      expect(await scene.published()).toHaveLength(3)
    })

    it('of -P and -p 80 are any free ones of 32768 to 60999', async () => {
      await run([tcp(80, 0), tcp(81, 0), { ...tcp(81, 0), Proto: 17 }])
      const outer = (await scene.published()).map(text => Number(/:(\d+)\//.exec(text)?.[1]))
      expect(outer).toHaveLength(3)
      for (const port of outer) {
        expect(port).toBeGreaterThanOrEqual(32_768)
        expect(port).toBeLessThanOrEqual(60_999)
      }
    })

    it('of a range are the first free one, beside ranges that the operator forwards himself', async () => {
      const first = await run([tcp(80, 8000, { HostPortEnd: 8003 })])
      const { id, floating_ip_address: at } = await onlyFloatingIp()
      const port = await scene.operator.ports.create({ network_id: scene.inside })
      const own = { internal_port_id: port.id, internal_ip_address: port.fixed_ips[0]?.ip_address, protocol: 'tcp' }
      await scene.api.call('POST', `/v2.0/floatingips/${id}/port_forwardings`, {
        port_forwarding: { ...own, external_port_range: '8001:8002', internal_port_range: '8001:8002' },
      })
      const second = await run([tcp(80, 8000, { HostPortEnd: 8003 })], { on: 1 })
      const all = await scene.published()
      expect(all).toContain(`${at}:8000/tcp ${first}:80`)
      expect(all).toContain(`${at}:8003/tcp ${second}:80`)
      await expect(run([tcp(80, 8000, { HostPortEnd: 8003 })])).rejects.toThrow(
        `no port of 8000-8003/tcp of ${at} is free`,
      )
      await scene.operator.ports.delete(port.id)
    })

    it('that another container has are refused, naming it, and nothing is left of the start', async () => {
      const first = await run([tcp(80, 8080)])
      const { floating_ip_address: at } = await onlyFloatingIp()
      const port = await scene.portOf(first)
      const refused = run([tcp(81, 8081), tcp(80, 8080)], { on: 1 })
      await expect(refused).rejects.toThrow(
        `port 8080/tcp of ${at} is already published by Neutron port ${port?.id ?? ''}`,
      )
      await scene.operator.ports.update(port?.id ?? '', { description: 'web' })
      await expect(run([tcp(81, 8081), tcp(80, 8080)])).rejects.toThrow('is already published by container web')
      expect(await scene.published()).toEqual([`${at}:8080/tcp ${first}:80`])
      expect(hostOf(1).outcomes).toContain('refused 2')
    })

    it('can be had at the floating IP, and at no other address', async () => {
      await run([tcp(80, 8080, { HostIP: '0.0.0.0' })])
      const { floating_ip_address: at } = await onlyFloatingIp()
      await run([tcp(80, 8081, { HostIP: at })])
      await expect(run([tcp(80, 8082, { HostIP: '127.0.0.1' })])).rejects.toThrow(
        `cannot publish 8082:80/tcp at 127.0.0.1: ports of this network are published at its floating IP ${at}`,
      )
      expect(await scene.published()).toHaveLength(2)
    })

    it.each([
      ['sctp', [{ ...tcp(80, 80), Proto: 132 }], 'port 80/sctp: floating IPs forward tcp and udp only'],
      ['one port twice', [tcp(80, 80), tcp(80, 81)], 'cannot publish port 80/tcp twice (80:80/tcp and 81:80/tcp)'],
    ])('refuses %s', async (_, publish, message) => {
      await expect(run(publish)).rejects.toThrow(message)
    })

    it('are withdrawn by a daemon that was restarted, and by one that another has outlived', async () => {
      await run([tcp(80, 8080)])
      await run([tcp(80, 8081)], { on: 1 })
      await hostOf(0).restart()
      await run([tcp(80, 8082)])
      const [index, endpoint] = nth(running.splice(0, 1), 0)
      await hostOf(index).call('NetworkDriver.RevokeExternalConnectivity', {
        NetworkID: network.id,
        EndpointID: endpoint.id,
      })
      const outer = (await scene.published()).map(text => /:(\d+)\//.exec(text)?.[1])
      expect(outer).toEqual(['8081', '8082'])
      await hostOf(index).docker.stop(endpoint)
    })

    it('of containers that start on two hosts at once are at one floating IP', async () => {
      const [one, other] = await Promise.all([run([tcp(80, 8080)]), run([tcp(80, 8081)], { on: 1 })])
      const { floating_ip_address: at } = await onlyFloatingIp()
      expect(await scene.published()).toEqual([`${at}:8080/tcp ${one}:80`, `${at}:8081/tcp ${other}:80`])
    })

    it('go to the next floating IP when the operator deletes that of the network', async () => {
      await run([tcp(80, 8080)])
      const first = await onlyFloatingIp()
      for (const { id } of await scene.forwardings(first.id)) {
        await scene.operator.access.portForwardings(first.id).delete(id)
      }
      await scene.operator.access.floatingIps.delete(first.id)
      const address = await run([tcp(80, 8081)])
      const { floating_ip_address: at } = await onlyFloatingIp()
      expect(await scene.published()).toEqual([`${at}:8081/tcp ${address}:80`])
    })

    it('of a port that the operator made leave it as it was, with what he forwards himself', async () => {
      const fixed_ips = [{ ip_address: '10.9.0.77' }]
      const made = await scene.operator.ports.create({ network_id: scene.inside, fixed_ips })
      const stopAll = async (): Promise<void> => {
        for (const [index, endpoint] of running.splice(0)) await hostOf(index).docker.stop(endpoint)
      }
      await run([tcp(80, 8080)], { ip: '10.9.0.77' })
      const { id, floating_ip_address: at } = await onlyFloatingIp()
      await stopAll()
      const forwardings = scene.operator.access.portForwardings(id)
      const own = { internal_port_id: made.id, internal_ip_address: '10.9.0.77', protocol: 'tcp' }
      const kept = await forwardings.create({ ...own, external_port: 443, internal_port: 443 })
      for (const restarted of [false, true]) {
        await run([tcp(80, 8080), tcp(443, 443)], { ip: '10.9.0.77' })
        expect(await scene.published()).toHaveLength(2)
        if (restarted) await hostOf(0).restart()
        await stopAll()
        expect(await scene.published()).toEqual([`${at}:443/tcp 10.9.0.77:443`])
      }
      await forwardings.delete(kept.id)
      await scene.operator.ports.delete(made.id)
    })
  })

  describe('whose network', () => {
    let before: unknown
    beforeEach(async () => (before = await scene.content()))
    afterEach(async () => {
      expect(await scene.content()).toEqual(before)
      expect(scene.hosts[0].docker.ignored.splice(0)).toEqual([])
    })

    /** Runs a container with `-p 8080:80` in a new network and returns the error. */
    async function refusalIn(network: NetworkRecord): Promise<string> {
      const { docker } = scene.hosts[0]
      const refused = await docker.run(network, { publish: [tcp(80, 8080)] }).then(
        () => 'started',
        (error: unknown) => String(error),
      )
      expect(await scene.published()).toEqual([])
      return refused
    }

    it('does not say how to publish are told, and the container starts', async () => {
      const { docker, outcomes } = scene.hosts[0]
      const network = await docker.createNetwork({ subnet: '10.1.0.0/24', gateway: '10.1.0.1' })
      outcomes.length = 0
      const endpoint = await docker.run(network, { publish: [tcp(80, 8080), tcp(81, 81)] })
      expect(outcomes).toEqual(['ignored 2'])
      await docker.stop(endpoint)
      await docker.removeNetwork(network)
    })

    it('has no router, or one that leads nowhere, are refused with what to do', async () => {
      const { docker } = scene.hosts[0]
      const opt = { 'kuryr.publish': 'floating-ip' }
      const network = await docker.createNetwork({ subnet: '10.1.0.0/24', gateway: '10.1.0.1', opt })
      const [subnet] = await scene.operator.subnets.list({ cidr: '10.1.0.0/24' })
      const id = subnet?.id ?? ''
      expect(await refusalIn(network)).toContain(`openstack router add subnet ROUTER ${id}`)
      const router = await scene.makeRouter('dead end', id, false)
      expect(await refusalIn(network)).toContain('router dead end of subnet 10.1.0.0/24 has no external gateway')
      await scene.removeRouter(router, id)
      await docker.removeNetwork(network)
    })

    it('has no IPv4 are refused', async () => {
      const { docker } = scene.hosts[0]
      const opt = { 'kuryr.publish': 'floating-ip' }
      const network = await docker.createNetwork({ subnet: ['10.1.0.0/24', 'fd01::/64'], ipv6: true, opt })
      network.pools.shift()
      expect(await refusalIn(network)).toContain('the container has no IPv4 address')
      const [pool] = (await scene.operator.subnetpools.list()).filter(({ ip_version }) => ip_version === 4)
      await scene.hosts[0].call('IpamDriver.ReleasePool', { PoolID: pool?.id })
      await docker.removeNetwork(network)
    })

    it('names a floating IP are published there, and it stays', async () => {
      const { docker } = scene.hosts[0]
      const { id, floating_ip_address: at } = await scene.make<FloatingIp>('floatingip', {
        floating_network_id: scene.outside,
      })
      const network = await scene.createNetwork({ 'kuryr.publish.floating_ip': at })
      const endpoint = await docker.run(network, { publish: [tcp(80, 8080)] })
      expect(await scene.published()).toEqual([`${at}:8080/tcp ${plainAddress(endpoint)}:80`])
      await docker.stop(endpoint)

      const vm = await scene.operator.ports.create({ network_id: scene.inside })
      await scene.api.call('PUT', `/v2.0/floatingips/${id}`, { floatingip: { port_id: vm.id } })
      await scene.hosts[0].restart()
      expect(await refusalIn(network)).toContain(`floating IP ${at} leads as a whole to port ${vm.id}`)
      await scene.operator.ports.delete(vm.id)
      await docker.removeNetwork(network)
      expect(await scene.floatingIps()).toMatchObject([{ id, tags: [] }])
      await scene.operator.access.floatingIps.delete(id)
    })

    it('names a floating IP that is not there are refused', async () => {
      const network = await scene.createNetwork({ 'kuryr.publish.floating_ip': '203.0.113.200' })
      expect(await refusalIn(network)).toContain('there is no floating IP 203.0.113.200')
      await scene.hosts[0].docker.removeNetwork(network)
    })

    it('may have no floating IP any more are refused', async () => {
      const { project_id } = await scene.operator.networks.show(scene.inside)
      const quota = (floatingip: number) =>
        scene.api.call('PUT', `/v2.0/quotas/${project_id}`, { quota: { floatingip } })
      await quota(0)
      const network = await scene.createNetwork()
      expect(await refusalIn(network)).toMatch(/Quota exceeded.*: raise the project's quota/)
      await quota(-1)
      await scene.hosts[0].docker.removeNetwork(network)
    })
  })
})
