import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Neutron } from '../../src/neutron/neutron.ts'
import type { NetworkCreate } from '../../src/neutron/requests.ts'
import { expectRefusal, makers } from './neutron-contract-makers.ts'
import { portContract } from './neutron-ports.contract.ts'
import { subnetContract } from './neutron-subnets.contract.ts'

/** A Neutron for one suite, and how to let go of it. */
export interface OpenedNeutron {
  neutron: Neutron
  close: () => Promise<void>
}

/**
 * What every implementation of `Neutron` does, the embedded one and OpenStack's alike. The service may hold resources of
 * others: the suite looks only at its own.
 */
export function neutronContract(name: string, openFreshNeutron: () => Promise<OpenedNeutron>): void {
  describe(`${name} is a Neutron`, () => {
    let opened: OpenedNeutron
    let neutron: Neutron
    beforeAll(async () => {
      opened = await openFreshNeutron()
      neutron = opened.neutron
    })
    afterAll(() => opened.close())

    const { network, subnet, port } = makers(() => neutron)

    describe('networks', () => {
      it('have what was asked for, and Neutron’s defaults for the rest', async () => {
        const made = await network({ name: 'blue', admin_state_up: true })
        expect(made).toMatchObject({
          name: 'blue',
          admin_state_up: true,
          shared: false,
          status: 'ACTIVE',
          subnets: [],
          tags: [],
        })
        expect(made.mtu).toBeGreaterThan(1000)
        expect(await neutron.networks.show(made.id)).toEqual(made)
      })

      it('are changed in what the update names', async () => {
        const made = await network({ name: 'before', description: 'kept' })
        const changed = await neutron.networks.update(made.id, { name: 'after' })
        expect(changed).toMatchObject({ id: made.id, name: 'after', description: 'kept' })
        expect(changed.revision_number).toBeGreaterThan(made.revision_number)
      })

      it('refuse an update made for another revision', async () => {
        const made = await network()
        await neutron.networks.update(made.id, { name: 'a' }, { ifRevision: made.revision_number })
        await expectRefusal(
          neutron.networks.update(made.id, { name: 'b' }, { ifRevision: made.revision_number }),
          'RevisionNumberConstraintFailed',
        )
      })

      it('list their subnets', async () => {
        const { id } = await network()
        const [one, two] = [await subnet(id), await subnet(id, { cidr: '10.8.0.0/24' })]
        expect(new Set((await neutron.networks.show(id)).subnets)).toEqual(new Set([one.id, two.id]))
      })

      it('stay while they have a port, and go with their subnets afterwards', async () => {
        const { id } = await network()
        const { id: subnetId } = await subnet(id)
        const { id: portId } = await port(id)
        await expectRefusal(neutron.networks.delete(id), 'NetworkInUse', id)
        await neutron.ports.delete(portId)
        await neutron.networks.delete(id)
        await expectRefusal(neutron.subnets.show(subnetId), 'SubnetNotFound', subnetId)
      })

      it('are not found once deleted, nor twice deleted', async () => {
        const { id } = await network()
        await neutron.networks.delete(id)
        await expectRefusal(neutron.networks.show(id), 'NetworkNotFound', id)
        await expectRefusal(neutron.networks.delete(id), 'NetworkNotFound', id)
        await expectRefusal(neutron.networks.update(id, { name: 'x' }), 'NetworkNotFound', id)
      })

      it('refuse an attribute that does not exist, by its name', async () => {
        await expectRefusal(network({ colour: 'blue' } as NetworkCreate), 'HTTPBadRequest', 'colour')
      })
    })

    subnetContract(() => neutron)
    portContract(() => neutron)

    describe('tags', () => {
      it('are added, removed and searched for', async () => {
        const [both, one] = [await network(), await network()]
        const [a, b] = [`a-${randomUUID()}`, `b-${randomUUID()}`]
        await neutron.networks.addTags(both.id, [a, b])
        await neutron.networks.addTags(one.id, [a])
        await neutron.networks.addTags(one.id, [a])
        const ids = async (query: Record<string, string[]>) =>
          new Set((await neutron.networks.list(query)).map(({ id }) => id))
        expect(await ids({ tags: [a] })).toEqual(new Set([both.id, one.id]))
        expect(await ids({ tags: [a, b] })).toEqual(new Set([both.id]))
        expect(await ids({ 'tags-any': [a, b] })).toEqual(new Set([both.id, one.id]))
        expect(await ids({ tags: [a], 'not-tags': [b] })).toEqual(new Set([one.id]))
        await neutron.networks.removeTags(both.id, [a, 'never-there'])
        expect((await neutron.networks.show(both.id)).tags).toEqual([b])
      })

      it('come with the create body too', async () => {
        const { id } = await network({ tags: ['x', 'y'] })
        expect(new Set((await neutron.networks.show(id)).tags)).toEqual(new Set(['x', 'y']))
      })

      it('of what is not there are refused', async () => {
        const nowhere = randomUUID()
        await expectRefusal(neutron.ports.addTags(nowhere, ['x']), 'PortNotFound', nowhere)
      })
    })

    describe('lists', () => {
      it('filter by attributes, any of several values', async () => {
        const { id } = await network()
        const { id: subnetId } = await subnet(id)
        const made = await Promise.all(['d1', 'd2', 'd3'].map(device_id => port(id, { device_id })))
        const listed = await neutron.ports.list({ network_id: id, device_id: ['d1', 'd3'] })
        expect(new Set(listed.map(one => one.id))).toEqual(new Set([made[0]?.id, made[2]?.id]))
        const address = made[1]?.fixed_ips[0]?.ip_address ?? ''
        const byAddress = await neutron.ports.list({ fixed_ips: [`subnet_id=${subnetId}`, `ip_address=${address}`] })
        expect(byAddress.map(one => one.id)).toEqual([made[1]?.id])
        const mac = made[0]?.mac_address
        expect((await neutron.ports.list({ network_id: id, mac_address: mac })).map(one => one.id)).toEqual([
          made[0]?.id,
        ])
      })

      it('sort, and give the fields asked for', async () => {
        const { id } = await network()
        for (const name of ['b', 'c', 'a']) await port(id, { name })
        const listed = await neutron.ports.list({
          network_id: id,
          sort_key: 'name',
          sort_dir: 'desc',
          fields: ['name'],
        })
        expect(listed).toEqual([{ name: 'c' }, { name: 'b' }, { name: 'a' }])
      })

      it('come in pages, forwards and backwards', async () => {
        const { id } = await network()
        for (const name of ['a', 'b', 'c', 'd']) await port(id, { name })
        const query = { network_id: id, sort_key: 'name', sort_dir: 'asc' }
        const first = await neutron.ports.list({ ...query, limit: 2 })
        const second = await neutron.ports.list({ ...query, limit: 2, marker: first[1]?.id })
        expect([...first, ...second].map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
        const back = await neutron.ports.list({ ...query, limit: 1, marker: second[0]?.id, page_reverse: true })
        expect(back.map(({ name }) => name)).toEqual(['b'])
      })

      it('give nothing for an unknown id', async () => {
        expect(await neutron.networks.list({ id: randomUUID() })).toEqual([])
        expect(await neutron.subnets.list({ network_id: randomUUID() })).toEqual([])
      })
    })

    it('names its extensions: tags and subnet allocation are among them', async () => {
      const aliases = (await neutron.extensions()).map(({ alias }) => alias)
      expect(aliases).toEqual(expect.arrayContaining(['standard-attr-tag', 'subnet_allocation', 'binding', 'agent']))
    })

    it('rejects with the reason of a signal that has aborted', async () => {
      const reason = new Error('the caller went away')
      await expect(neutron.networks.list({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })
  })
}
