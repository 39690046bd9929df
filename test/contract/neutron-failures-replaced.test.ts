import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreMemory } from '../../src/daemon/store-memory.ts'
import type { NeutronService } from '../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { openStore } from '../../src/store/open-store.ts'
import { EtcdProcess } from './etcd-process.ts'
import { refusal } from './neutron-contract-makers.ts'
import { silentLog } from './neutron-stores.ts'

describe('a store that lost its data', () => {
  let etcd: EtcdProcess
  let directory: string
  let closing: (() => Promise<unknown>)[]

  beforeEach(async () => {
    etcd = await EtcdProcess.create()
    directory = await mkdtemp(join(tmpdir(), 'kuryr-replaced-'))
    await etcd.start()
    closing = [() => etcd.destroy(), () => rm(directory, { recursive: true })]
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  function host(name: string): NeutronService {
    const url = `etcd://${etcd.endpoint}`
    const store = openStore(url, { log: silentLog })
    const memory = new StoreMemory({ statePath: join(directory, name), url })
    const neutron = openNeutronService({ store, host: name, log: silentLog, defaultMtu: 1450, deadline: 3000, memory })
    closing.push(() => store.close())
    closing.push(() => neutron.close())
    return neutron
  }

  async function onePort(neutron: NeutronService): Promise<string> {
    await neutron.registerAgent({ tunnelingIp: '192.0.2.1', version: '1' })
    const network = await neutron.networks.create({ name: 'precious' })
    await neutron.ports.create({ network_id: network.id, 'binding:host_id': 'host-1' })
    return network.id
  }

  async function wipe(): Promise<void> {
    await etcd.kill()
    await etcd.wipe()
    await etcd.start()
  }

  it('empties no view: calls are refused with what happened and what to do, and it stays so over a restart', async () => {
    const one = host('host-1')
    const networkId = await onePort(one)
    const changes: string[] = []
    one.view.subscribe(({ type }) => changes.push(type))
    await wipe()
    const errors = await vi.waitFor(
      async () => {
        const all = await Promise.all([
          refusal(one.networks.list()),
          refusal(one.networks.create({ name: 'new' })),
          refusal(one.networks.delete(networkId)),
        ])
        for (const { message } of all) expect(message).toContain('emptied or replaced')
        return all
      },
      { timeout: 20_000 },
    )
    expect(errors.map(({ type }) => type)).toEqual(Array(3).fill('ServiceUnavailable'))
    expect(errors[0].message).toContain(join(directory, 'host-1', 'store.json'))
    expect(one.problem).toContain('emptied or replaced')
    expect([...one.view.portsOnHost('host-1')]).toHaveLength(1)
    expect(changes).not.toContain('resync')

    await one.close()
    const again = host('host-1')
    const ready = vi.fn()
    void again.view.ready(AbortSignal.timeout(20_000)).then(ready, () => undefined)
    await vi.waitFor(() => expect(again.problem).toContain('emptied or replaced'), { timeout: 20_000 })
    expect(ready).not.toHaveBeenCalled()
    expect((await etcd.ctl(['get', '--prefix', '/kuryr/', '--keys-only'])).trim()).toBe('')
  })

  it('is told apart even when others have filled it to a later revision meanwhile', async () => {
    const one = host('host-1')
    await onePort(one)
    await etcd.kill()
    await etcd.wipe()
    await etcd.start()
    for (let count = 0; count < 40; count += 1) await etcd.ctl(['put', '/elsewhere', String(count)])
    const newcomer = host('host-2')
    await newcomer.networks.create({ name: 'of another store' })
    expect((await refusal(one.networks.create({ name: 'stray' }))).type).toBe('ServiceUnavailable')
    await vi.waitFor(() => expect(one.problem).toContain('emptied or replaced'), { timeout: 20_000 })
    expect([...one.view.portsOnHost('host-1')]).toHaveLength(1)
    expect((await newcomer.networks.list()).map(({ name }) => name)).toEqual(['of another store'])
  })

  it('is served again as soon as its data are back', async () => {
    const one = host('host-1')
    await onePort(one)
    const snapshot = join(directory, 'snapshot.db')
    await etcd.ctl(['snapshot', 'save', snapshot])
    await wipe()
    await vi.waitFor(
      async () => expect((await refusal(one.networks.list())).message).toContain('emptied or replaced'),
      { timeout: 20_000 },
    )
    await etcd.kill()
    await etcd.restore(snapshot)
    await etcd.start()
    await vi.waitFor(async () => expect(await one.networks.list()).toHaveLength(1), { timeout: 20_000 })
    expect(one.problem).toBeUndefined()
    await one.networks.create({ name: 'goes on' })
  })

  it('is accepted once the host’s memory of the old one is removed, or the configuration names another', async () => {
    const one = host('host-1')
    await onePort(one)
    await wipe()
    await one.close()
    await rm(join(directory, 'host-1', 'store.json'))
    const again = host('host-1')
    expect(await again.networks.list()).toEqual([])
    await again.close()
    const memory = { url: 'sqlite:///elsewhere', generation: 'of-elsewhere' }
    await writeFile(join(directory, 'host-1', 'store.json'), JSON.stringify(memory))
    expect(await host('host-1').networks.list()).toEqual([])
  })

  it('says what is wrong with a damaged memory, and reads nothing into it', async () => {
    await onePort(host('host-1'))
    const path = join(directory, 'host-1', 'store.json')
    await writeFile(path, '{"url": ')
    expect(() => new StoreMemory({ statePath: join(directory, 'host-1'), url: 'x' }).recall()).toThrow(path)
  })
})
