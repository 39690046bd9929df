import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Member, SharedNetwork } from '../../src/network-sharing/shared-network.ts'
import type { SharedRecords } from '../../src/network-sharing/shared-records.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'

/** The records as two hosts have them, and what makes a Docker network known to the network service beneath. */
export interface RecordsOfTwoHosts {
  node1: SharedRecords
  node2: SharedRecords
  /** Before a network can be published it is in the network service. */
  provide(id: string): Promise<void>
  close(): Promise<void>
}

export function idOf(digit: string): string {
  return digit.repeat(64)
}

export function recordOf(id: string, name: string): SharedNetwork {
  const texts = { options: { 'a\nb': 'c,d' }, labels: { of: '"ü", b' }, ipamOptions: {} }
  const spec = { internal: false, attachable: true, enableIpv6: false, subnets: [{ subnet: '10.0.0.0/24' }], ...texts }
  return { version: 1, id, name, spec, origin: 'node1', created: '2026-01-01T00:00:00Z' }
}

export function memberOf(host: string): Member {
  return { version: 1, host, engineId: 'engine', networkId: 'here', via: 'replica', state: 'present' }
}

/** What every keeper of shared records does. */
export function sharedRecordsContract(name: string, open: () => Promise<RecordsOfTwoHosts>): void {
  describe(`shared records in ${name}`, () => {
    let records: RecordsOfTwoHosts
    const [blue, red] = [idOf('a'), idOf('b')]
    const comes = (id: string): Promise<SharedNetwork> =>
      waitUntil('the record does not come', 5000, () => Promise.resolve(records.node2.view.network(id)))
    beforeEach(async () => {
      records = await open()
      const signal = AbortSignal.timeout(10_000)
      await Promise.all([records.node1.ready(signal), records.node2.ready(signal)])
      await Promise.all([blue, red].map(id => records.provide(id)))
    })
    afterEach(() => records.close())

    it('what one publishes comes to the other, to the letter, and is visible to the one at once', async () => {
      const record = recordOf(blue, 'blue/ü "x"')
      expect(await records.node1.publish(record, memberOf('node1'))).toEqual({ outcome: 'published' })
      expect(records.node1.view.network(blue)).toEqual(record)
      expect(await comes(blue)).toEqual(record)
      expect(records.node2.view.idOfName('blue/ü "x"')).toBe(blue)
      expect(records.node1.view.member(blue, 'node1')).toEqual(memberOf('node1'))
    })

    it('tells what changed, and again when all was read anew', async () => {
      const told: (string | undefined)[] = []
      const stop = records.node2.subscribe(id => told.push(id))
      await records.node1.publish(recordOf(blue, 'blue'), memberOf('node1'))
      await comes(blue)
      expect(told.length).toBeGreaterThan(0)
      stop()
      const before = told.length
      await records.node1.publish(recordOf(red, 'red'), memberOf('node1'))
      await comes(red)
      expect(told).toHaveLength(before)
      await records.node2.reload()
      expect([...records.node2.view.networks()].map(({ name: each }) => each).sort()).toEqual(['blue', 'red'])
    })

    it('a name is taken once, however many want it, and publishing twice is publishing once', async () => {
      const wishes = [
        records.node1.publish(recordOf(blue, 'one'), memberOf('node1')),
        records.node2.publish(recordOf(red, 'one'), memberOf('node2')),
      ]
      const outcomes = (await Promise.all(wishes)).map(({ outcome }) => outcome)
      expect(outcomes.sort()).toEqual(['published', 'taken'])
      await records.node1.reload()
      const winner = records.node1.view.idOfName('one') ?? ''
      expect([...records.node1.view.networks()].map(({ id }) => id)).toEqual([winner])
      const loser = winner === blue ? red : blue
      expect(await records.node2.publish(recordOf(loser, 'one'), memberOf('node2'))).toEqual({
        outcome: 'taken',
        by: winner,
      })
      expect(await records.node2.publish(recordOf(winner, 'one'), memberOf('node2'))).toEqual({ outcome: 'published' })
    })

    it('what is withdrawn goes for both, its name is free, and who had it sees that it was removed', async () => {
      await records.node1.publish(recordOf(blue, 'blue'), memberOf('node1'))
      await comes(blue)
      await records.node2.putMember(blue, memberOf('node2'))
      await records.node1.withdraw(blue, 'node1')
      expect(records.node1.view.network(blue)).toBeUndefined()
      const tombstone = await waitUntil('no tombstone', 5000, () => Promise.resolve(records.node2.view.tombstone(blue)))
      expect(tombstone).toMatchObject({ id: blue, name: 'blue' })
      await records.node2.removeMember(blue, 'node2')
      await records.node2.forget(blue)
      await waitUntil('the tombstone stays', 5000, () =>
        Promise.resolve(records.node2.view.tombstone(blue) ? undefined : true),
      )
      expect(records.node2.view.ids().has(blue)).toBe(false)
      expect(await records.node2.publish(recordOf(red, 'blue'), memberOf('node2'))).toEqual({ outcome: 'published' })
    })

    it('a tombstone stays while a host that had the network has not let go of it', async () => {
      await records.node1.publish(recordOf(blue, 'blue'), memberOf('node1'))
      await comes(blue)
      await records.node2.putMember(blue, memberOf('node2'))
      await records.node1.withdraw(blue, 'node1')
      await records.node1.forget(blue)
      await waitUntil('no tombstone', 5000, () => Promise.resolve(records.node2.view.tombstone(blue)))
    })

    it('acts on what is not there change nothing', async () => {
      await records.node1.withdraw(blue, 'node1')
      await records.node1.putMember(blue, memberOf('node1'))
      await records.node1.removeMember(blue, 'node1')
      await records.node1.forget(blue)
      expect(records.node1.view.ids()).toEqual(new Set())
    })

    it('a record that is too large is refused with what to do, and nothing of it stays', async () => {
      const record = recordOf(blue, 'large')
      // Random text, which deflates to little less.
      const large = Array.from({ length: 40_000 }, (_, at) => ((at * 2_654_435_761) % 4_294_967_296).toString(36)).join(
        '',
      )
      record.spec.labels = { large }
      await expect(records.node1.publish(record, memberOf('node1'))).rejects.toThrow(/kuryr\.share=false/)
      await records.node1.reload()
      expect(records.node1.view.ids()).toEqual(new Set())
    })
  })
}
