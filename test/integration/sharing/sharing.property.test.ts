import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyedMutex } from '../../../src/concurrency/keyed-mutex.ts'
import type { NetworkCreateBody } from '../../../src/docker-engine/docker-engine.ts'
import { sqliteStore, type TestStore } from '../../contract/neutron-stores.ts'
import { clusterDifferences } from './cluster-differences.ts'
import { SharingHost } from './sharing-host.ts'

const NAMES = ['blue', 'red']
const inits = new KeyedMutex()

/** What users and accidents do to a cluster of three hosts. */
type Act =
  | { do: 'create' | 'remove' | 'run' | 'stop'; host: number; name: string }
  | { do: 'daemon down' | 'daemon up' | 'wipe engine'; host: number }
  | { do: 'pause' }

const host = fc.integer({ min: 0, max: 2 })
const name = fc.constantFrom(...NAMES)
const userAct = fc.record({
  do: fc.constantFrom('create' as const, 'remove' as const, 'run' as const, 'stop' as const),
  host,
  name,
})
const accident = fc.record({ do: fc.constantFrom('daemon down' as const, 'daemon up' as const), host })
const wipe = fc.record({ do: fc.constant('wipe engine' as const), host })
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: userAct, weight: 12 },
  { arbitrary: accident, weight: 2 },
  { arbitrary: wipe, weight: 1 },
  { arbitrary: fc.constant({ do: 'pause' as const }), weight: 2 },
)

describe.each(['a store', 'tags'] as const)(
  'three hosts that share by %s, whatever happens, agree in the end',
  kind => {
    let stores: TestStore[]
    let hosts: SharingHost[]
    beforeEach(async () => {
      stores = [await sqliteStore(), await sqliteStore()]
      const [neutron, records] = stores.map(({ store }) => store)
      if (!neutron || !records) throw new Error('no stores')
      const shared = { neutron, records: kind === 'tags' ? ('tags' as const) : records }
      hosts = await Promise.all(['a', 'b', 'c'].map(each => SharingHost.open(each, shared)))
    })
    afterEach(async () => {
      for (const each of hosts) await each.close()
      for (const { remove } of stores) await remove()
    })

    it('one act after another, and several at once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), async batches => {
          for (const batch of batches) await Promise.all(batch.map(each => perform(hosts, each)))
          for (const each of hosts) if (!each.up) each.start()
          // With containers on it, a network that lost its name stays for its own host.
          await stopContainers(hosts)
          expect(await settled(hosts)).toEqual([])
          await removeNetworks(hosts)
          expect(await settled(hosts)).toEqual([])
          expect(hosts.flatMap(({ engine }) => engine.networks())).toEqual([])
        }),
        { numRuns: Number(process.env.KURYR_TEST_RUNS ?? 30), endOnFailure: true },
      )
    }, 180_000)
  },
)

/** What is refused is refused: users live with it. */
async function perform(hosts: SharingHost[], what: Act): Promise<void> {
  if (what.do === 'pause') return sleep(20)
  const at = hosts[what.host]
  if (!at) return
  const { engine } = at
  switch (what.do) {
    case 'create':
      return ignoring(engine.create(networkBody(what.name)))
    case 'remove':
      return ignoring(engine.remove(engine.named(what.name)?.Id ?? ''))
    case 'run':
      return ignoring(engine.run(what.name))
    case 'stop':
      for (const endpoint of engine.containersOn(what.name).slice(0, 1))
        await ignoring(engine.stop(what.name, endpoint))
      return
    // One after another: a machine has one init.
    case 'daemon down':
      return inits.run(at.name, async () => (at.up ? at.stop() : undefined))
    case 'daemon up':
      return inits.run(at.name, () => {
        if (!at.up) at.start()
        return Promise.resolve()
      })
    case 'wipe engine':
      return inits.run(at.name, () => wipeEngine(at))
  }
}

/**
 * Its containers end with it, and its ports are released as at a host's reboot; the daemon is restarted with its dockerd.
 * Not in the moment in which one of its networks is not shared yet: what nobody but the engine knew is lost with it.
 */
async function wipeEngine(at: SharingHost): Promise<void> {
  if (!at.up) return
  await stopContainers([at])
  await at.stop()
  const known = at.rememberedNetworks()
  if (at.engine.networks().every(({ Id }) => known.includes(Id))) at.engine.wipe()
  at.start()
}

async function stopContainers(hosts: SharingHost[]): Promise<void> {
  for (const at of hosts) {
    for (const each of NAMES) {
      for (const endpoint of at.engine.containersOn(each)) await ignoring(at.engine.stop(each, endpoint))
    }
  }
}

/** A user removes every network on some host. */
async function removeNetworks([at]: SharingHost[]): Promise<void> {
  for (const each of NAMES) await ignoring(at?.engine.remove(at.engine.named(each)?.Id ?? '') ?? Promise.resolve())
}

async function ignoring(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined)
}

/** What the hosts differ in, once nothing changes any more. */
async function settled(hosts: SharingHost[]): Promise<string[]> {
  let differences: string[] = []
  for (let look = 0; look < 200; look++) {
    differences = await clusterDifferences(hosts)
    if (differences.length === 0) return []
    await sleep(50)
  }
  return differences
}

function networkBody(of: string): NetworkCreateBody {
  const config = of === 'blue' ? [{ Subnet: '10.1.0.0/24' }] : []
  return {
    ...{ Name: of, Driver: 'kuryr', Internal: false, Attachable: false, EnableIPv6: false, Options: {}, Labels: {} },
    IPAM: { Driver: 'kuryr', Options: {}, Config: config },
  }
}
