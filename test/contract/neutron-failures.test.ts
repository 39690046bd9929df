import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Port } from '../../src/neutron/resources.ts'
import { keys } from '../../src/neutron-service/keys.ts'
import type { NeutronService } from '../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { EtcdProcess } from './etcd-process.ts'
import { refusal } from './neutron-contract-makers.ts'
import { silentLog } from './neutron-stores.ts'
import { storeFaults } from './store-consistency.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** What one host runs: a store connection and the service on it. */
interface Host {
  store: Store
  neutron: NeutronService
}

describe('the embedded Neutron, when etcd fails', () => {
  let etcd: EtcdProcess
  let closing: (() => Promise<unknown>)[]

  beforeEach(async () => {
    etcd = await EtcdProcess.create()
    await etcd.start()
    closing = [() => etcd.destroy()]
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  function host(name: string, { endpoint = etcd.endpoint, deadline = 20_000 } = {}): Host {
    const store = openStore(`etcd://${endpoint}`, { log: silentLog })
    const neutron = openNeutronService({ store, host: name, log: silentLog, defaultMtu: 1450, deadline })
    closing.push(() => store.close())
    closing.push(() => neutron.close())
    return { store, neutron }
  }

  async function network({ neutron }: Host): Promise<string> {
    const { id } = await neutron.networks.create({ name: 'failing' })
    await neutron.subnets.create({ network_id: id, ip_version: 4, cidr: '10.7.0.0/24', enable_dhcp: false })
    return id
  }

  it('killed and restarted amid creates and deletes: every call comes to its end, no address twice, none lost', async () => {
    const hosts = [host('host-1'), host('host-2')]
    const networkId = await network(hosts[0] ?? host('host-1'))
    const alive = new Map<string, Port>()
    const worker = async ({ neutron }: Host): Promise<void> => {
      for (let round = 0; round < 12; round += 1) {
        const port = await neutron.ports.create({ network_id: networkId })
        alive.set(port.id, port)
        if (round % 3 !== 0) continue
        await neutron.ports.delete(port.id)
        alive.delete(port.id)
      }
    }
    const work = Promise.all([...hosts, ...hosts, ...hosts, ...hosts].map(worker))
    for (let kills = 0; kills < 3; kills += 1) {
      await vi.waitFor(() => expect(alive.size).toBeGreaterThan(kills * 8), { timeout: 10_000, interval: 5 })
      await etcd.kill()
      await etcd.start()
    }
    await work
    for (const { neutron, store } of hosts) {
      const listed = await neutron.ports.list({ network_id: networkId })
      expect(listed.map(({ id }) => id).sort()).toEqual([...alive.keys()].sort())
      expect(new Set(listed.map(({ fixed_ips }) => fixed_ips[0]?.ip_address)).size).toBe(listed.length)
      expect(await storeFaults(store)).toEqual([])
    }
  })

  it('stopped (SIGSTOP): calls end by their deadline with ServiceUnavailable, and succeed again after SIGCONT', async () => {
    const one = host('host-1', { deadline: 1000 })
    const networkId = await network(one)
    etcd.signal('SIGSTOP')
    const start = performance.now()
    const errors = await Promise.all([
      refusal(one.neutron.ports.create({ network_id: networkId })),
      refusal(one.neutron.networks.list()),
      refusal(one.neutron.networks.delete('none')),
    ])
    expect(errors.map(({ type }) => type)).toEqual(Array(3).fill('ServiceUnavailable'))
    expect(performance.now() - start).toBeLessThan(3000)
    etcd.signal('SIGCONT')
    await vi.waitFor(() => one.neutron.ports.create({ network_id: networkId, name: 'after' }), { timeout: 20_000 })
    expect(await storeFaults(one.store)).toEqual([])
  })

  it('compacted while a host was cut off: the host reads all again, tells its followers, and is right', async () => {
    const proxy = await TcpProxy.to(etcd.port)
    closing.push(() => proxy.close())
    const [far, near] = [host('host-1', { endpoint: proxy.endpoint }), host('host-2')]
    const networkId = await network(near)
    const port = await near.neutron.ports.create({ network_id: networkId })
    await far.neutron.ports.show(port.id)
    proxy.swallowAnswers()
    await near.neutron.ports.delete(port.id)
    const later = await near.neutron.ports.create({ network_id: networkId, name: 'later' })
    const head = await near.store.get(keys.head)
    await etcd.ctl(['compact', String(head?.modRevision)])
    const changes: string[] = []
    far.neutron.view.subscribe(({ type }) => changes.push(type))
    proxy.cut()
    await vi.waitFor(() => expect(changes).toContain('resync'), { timeout: 20_000 })
    expect([...far.neutron.view.ports(networkId)].map(({ id }) => id)).toEqual([later.id])
    expect((await far.neutron.ports.list()).map(({ name }) => name)).toEqual(['later'])
  })

  it('answers lost after the request arrived: the call finds its own write, and nothing is made twice', async () => {
    const proxy = await TcpProxy.to(etcd.port)
    closing.push(() => proxy.close())
    const [far, near] = [host('host-1', { endpoint: proxy.endpoint }), host('host-2')]
    const networkId = await network(far)
    for (let round = 0; round < 5; round += 1) {
      const name = `round-${round}`
      proxy.swallowAnswers()
      const made = far.neutron.ports.create({ network_id: networkId, name })
      await vi.waitFor(async () => expect(await near.neutron.ports.list({ name })).toHaveLength(1), { timeout: 10_000 })
      proxy.cut()
      const port = await made
      expect(await near.neutron.ports.list({ name })).toEqual([port])

      proxy.swallowAnswers()
      const gone = far.neutron.ports.delete(port.id)
      await vi.waitFor(async () => expect(await near.neutron.ports.list({ name })).toEqual([]), { timeout: 10_000 })
      proxy.cut()
      await gone
    }
    expect(await storeFaults(near.store)).toEqual([])
  })

  it('a host whose lease was lost is alive again; one that is gone can be deleted, one that lives cannot', async () => {
    const [one, two] = [host('host-1'), host('host-2')]
    const agent = await one.neutron.registerAgent({ tunnelingIp: '192.0.2.1', version: '1' })
    const other = await two.neutron.registerAgent({ tunnelingIp: '192.0.2.2', version: '1' })
    expect((await refusal(two.neutron.agents.delete(agent.id))).type).toBe('BadRequest')
    // Both leases, as it is not told whose is whose.
    const leases = (await etcd.ctl(['lease', 'list'])).split('\n').slice(1).filter(Boolean)
    expect(leases).toHaveLength(2)
    for (const id of leases) await etcd.ctl(['lease', 'revoke', id])
    const isAlive = async (): Promise<boolean[]> => (await two.neutron.agents.list()).map(({ alive }) => alive)
    await vi.waitFor(async () => expect(await isAlive()).toEqual([false, false]), { timeout: 5000, interval: 5 })
    await vi.waitFor(async () => expect(await isAlive()).toEqual([true, true]), { timeout: 30_000, interval: 100 })
    await two.neutron.close()
    await one.neutron.agents.delete(other.id)
    expect((await one.neutron.agents.list()).map(({ id }) => id)).toEqual([agent.id])
    expect(one.neutron.view.tunnelAddress('host-2')).toBeUndefined()
  }, 90_000)
})
