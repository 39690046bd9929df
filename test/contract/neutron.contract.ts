import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NeutronErrorType } from '../../src/neutron/errors.ts'
import { NeutronError } from '../../src/neutron/errors.ts'
import type { Neutron } from '../../src/neutron/neutron.ts'
import type { NetworkCreate, PortCreate, SubnetCreate } from '../../src/neutron/requests.ts'
import type { Network, Port, Subnet } from '../../src/neutron/resources.ts'

/** A Neutron for one suite, and how to let go of it. */
export interface OpenedNeutron {
  neutron: Neutron
  close: () => Promise<void>
}

/** What `work` was refused with. Fails when it was not refused. */
export async function refusal(work: Promise<unknown>): Promise<NeutronError> {
  const outcome = await work.then(
    () => new Error('expected a refusal, but the call succeeded'),
    (error: unknown) => error,
  )
  if (outcome instanceof NeutronError) return outcome
  throw outcome
}

async function expectRefusal(work: Promise<unknown>, type: NeutronErrorType, ...mentioned: string[]): Promise<void> {
  const error = await refusal(work)
  expect({ type: error.type, message: error.message }).toMatchObject({ type })
  for (const text of mentioned) expect(error.message).toContain(text)
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

    const network = (body: NetworkCreate = {}): Promise<Network> =>
      neutron.networks.create({ name: `net-${randomUUID()}`, ...body })
    const subnet = (networkId: string, body: Partial<SubnetCreate> = {}): Promise<Subnet> =>
      neutron.subnets.create({ network_id: networkId, ip_version: 4, cidr: '10.7.0.0/24', enable_dhcp: false, ...body })
    const port = (networkId: string, body: Partial<PortCreate> = {}): Promise<Port> =>
      neutron.ports.create({ network_id: networkId, ...body })

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

    describe('subnets', () => {
      it('have the first address as gateway and all others in their pool', async () => {
        const { id } = await network()
        expect(await subnet(id, { cidr: '10.9.0.0/24' })).toMatchObject({
          network_id: id,
          cidr: '10.9.0.0/24',
          gateway_ip: '10.9.0.1',
          allocation_pools: [{ start: '10.9.0.2', end: '10.9.0.254' }],
          enable_dhcp: false,
          ip_version: 4,
        })
      })

      it('lose the host bits of their CIDR', async () => {
        const { id } = await network()
        expect((await subnet(id, { cidr: '10.9.0.77/24' })).cidr).toBe('10.9.0.0/24')
      })

      it('without gateway give it to ports', async () => {
        const { id } = await network()
        const made = await subnet(id, { gateway_ip: null })
        expect(made.gateway_ip).toBeNull()
        expect(made.allocation_pools).toEqual([{ start: '10.7.0.1', end: '10.7.0.254' }])
      })

      it('have a pool on each side of a gateway in the middle', async () => {
        const { id } = await network()
        expect((await subnet(id, { gateway_ip: '10.7.0.100' })).allocation_pools).toEqual([
          { start: '10.7.0.1', end: '10.7.0.99' },
          { start: '10.7.0.101', end: '10.7.0.254' },
        ])
      })

      it('of IPv6 hold the last address too', async () => {
        const { id } = await network()
        const made = await subnet(id, { ip_version: 6, cidr: 'FD00:0::/112' })
        expect(made).toMatchObject({ cidr: 'fd00::/112', gateway_ip: 'fd00::1', ip_version: 6 })
        expect(made.allocation_pools).toEqual([{ start: 'fd00::2', end: 'fd00::ffff' }])
      })

      it.each([
        ['10.7.0.0/25', 'inside'],
        ['10.0.0.0/8', 'around'],
        ['10.7.0.0/24', 'the same'],
      ])('of one network do not overlap: %s is %s', async cidr => {
        const { id } = await network()
        await subnet(id)
        await expectRefusal(subnet(id, { cidr }), 'InvalidInput', cidr, id)
      })

      it('of two networks may overlap', async () => {
        const [one, two] = [await network(), await network()]
        await subnet(one.id)
        expect((await subnet(two.id)).cidr).toBe('10.7.0.0/24')
      })

      it.each([
        [{ cidr: '10.7.0.0/33' }, 'HTTPBadRequest', '10.7.0.0/33'],
        [{ cidr: 'nonsense' }, 'HTTPBadRequest', 'nonsense'],
        [{ gateway_ip: '10.7.0.x' }, 'HTTPBadRequest', '10.7.0.x'],
        [{ allocation_pools: [{ start: '10.7.1.1', end: '10.7.1.9' }] }, 'OutOfBoundsAllocationPool', '10.7.1.1'],
        [{ allocation_pools: [{ start: '10.7.0.9', end: '10.7.0.2' }] }, 'InvalidAllocationPool', '10.7.0.9'],
        [
          { allocation_pools: [{ start: '10.7.0.1', end: '10.7.0.9' }] },
          'GatewayConflictWithAllocationPools',
          '10.7.0.1',
        ],
        [
          {
            allocation_pools: [
              { start: '10.7.0.2', end: '10.7.0.9' },
              { start: '10.7.0.5', end: '10.7.0.20' },
            ],
          },
          'OverlappingAllocationPools',
          '10.7.0.5',
        ],
      ] as [Partial<SubnetCreate>, NeutronErrorType, string][])('refuse %j with %s', async (body, type, mentioned) => {
        const { id } = await network()
        await expectRefusal(subnet(id, body), type, mentioned)
        expect((await neutron.networks.show(id)).subnets).toEqual([])
      })

      it('stay while a port has an address of theirs', async () => {
        const { id } = await network()
        const made = await subnet(id)
        const holder = await port(id)
        await expectRefusal(neutron.subnets.delete(made.id), 'SubnetInUse', made.id)
        await neutron.ports.delete(holder.id)
        await neutron.subnets.delete(made.id)
        await expectRefusal(neutron.subnets.delete(made.id), 'SubnetNotFound', made.id)
        expect((await neutron.networks.show(id)).subnets).toEqual([])
      })

      it('need their network', async () => {
        const nowhere = randomUUID()
        await expectRefusal(subnet(nowhere), 'NetworkNotFound', nowhere)
      })

      it('change gateway, routes, name servers and pools', async () => {
        const { id } = await network()
        const made = await subnet(id, { allocation_pools: [{ start: '10.7.0.100', end: '10.7.0.200' }] })
        const changed = await neutron.subnets.update(made.id, {
          name: 'renamed',
          gateway_ip: '10.7.0.2',
          dns_nameservers: ['10.7.0.53'],
          host_routes: [{ destination: '10.99.0.0/16', nexthop: '10.7.0.3' }],
          allocation_pools: [{ start: '10.7.0.50', end: '10.7.0.60' }],
        })
        expect(changed).toMatchObject({ name: 'renamed', gateway_ip: '10.7.0.2', dns_nameservers: ['10.7.0.53'] })
        expect(changed.host_routes).toEqual([{ destination: '10.99.0.0/16', nexthop: '10.7.0.3' }])
        expect((await port(id)).fixed_ips[0]?.ip_address).toMatch(/^10\.7\.0\.(5\d|60)$/)
      })
    })

    describe('subnet pools', () => {
      const pool = (prefixes = ['10.20.0.0/16'], body = {}) =>
        neutron.subnetpools.create({ name: `pool-${randomUUID()}`, prefixes, default_prefixlen: 24, ...body })

      it('give out a prefix of the length asked for, and of their default length', async () => {
        const [{ id: poolId }, { id }] = [await pool(), await network()]
        const one = await neutron.subnets.create({
          network_id: id,
          ip_version: 4,
          subnetpool_id: poolId,
          prefixlen: 26,
          enable_dhcp: false,
        })
        const two = await neutron.subnets.create({
          network_id: id,
          ip_version: 4,
          subnetpool_id: poolId,
          enable_dhcp: false,
        })
        expect([one.cidr, two.cidr].map(cidr => cidr.split('/')[1])).toEqual(['26', '24'])
        expect(one.subnetpool_id).toBe(poolId)
      })

      it('do not give out a prefix twice', async () => {
        const { id: poolId } = await pool()
        const [one, two] = [await network(), await network()]
        await subnet(one.id, { cidr: '10.20.1.0/24', subnetpool_id: poolId })
        await expectRefusal(subnet(two.id, { cidr: '10.20.1.128/25', subnetpool_id: poolId }), 'SubnetAllocationError')
        await expectRefusal(subnet(two.id, { cidr: '10.21.0.0/24', subnetpool_id: poolId }), 'SubnetAllocationError')
      })

      it('take back the prefix of a deleted subnet, and of a deleted network', async () => {
        const { id: poolId } = await pool(['10.22.0.0/24'])
        const first = await network()
        await neutron.subnets.delete((await subnet(first.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })).id)
        await subnet(first.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })
        await neutron.networks.delete(first.id)
        const second = await network()
        expect((await subnet(second.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })).cidr).toBe('10.22.0.0/24')
      })

      it('stay while a subnet is of them', async () => {
        const [{ id: poolId }, { id }] = [await pool(), await network()]
        const made = await subnet(id, { cidr: '10.20.1.0/24', subnetpool_id: poolId })
        // 400 SubnetPoolDeleteError in OpenStack, 409 SubnetPoolInUse here.
        expect([400, 409]).toContain((await refusal(neutron.subnetpools.delete(poolId))).status)
        await neutron.subnets.delete(made.id)
        await neutron.subnetpools.delete(poolId)
        await expectRefusal(neutron.subnetpools.show(poolId), 'SubnetPoolNotFound', poolId)
      })

      it('do not mix in one network', async () => {
        const [{ id: poolId }, { id }] = [await pool(), await network()]
        await subnet(id, { cidr: '10.20.1.0/24', subnetpool_id: poolId })
        await expectRefusal(subnet(id, { cidr: '10.30.0.0/24' }), 'NetworkSubnetPoolAffinityError')
      })

      it('grow, and never shrink', async () => {
        const made = await pool(['10.20.0.0/17'])
        const grown = await neutron.subnetpools.update(made.id, { prefixes: ['10.20.0.0/17', '10.20.128.0/17'] })
        expect(grown.prefixes).toEqual(['10.20.0.0/16'])
        await expectRefusal(
          neutron.subnetpools.update(made.id, { prefixes: ['10.20.0.0/24'] }),
          'IllegalSubnetPoolPrefixUpdate',
        )
      })
    })

    describe('ports', () => {
      it('get a MAC and an address of each family, and are down and unbound', async () => {
        const { id } = await network()
        const [v4, v6] = [await subnet(id), await subnet(id, { ip_version: 6, cidr: 'fd00:7::/64' })]
        const made = await port(id)
        expect(made).toMatchObject({
          network_id: id,
          status: 'DOWN',
          device_id: '',
          'binding:host_id': '',
          'binding:vif_type': 'unbound',
        })
        expect(made.mac_address).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/)
        expect(new Set(made.fixed_ips.map(fixed => fixed.subnet_id))).toEqual(new Set([v4.id, v6.id]))
      })

      it('have no address in a network without subnets', async () => {
        const { id } = await network()
        expect((await port(id)).fixed_ips).toEqual([])
      })

      it('get the address, subnet and MAC that they ask for', async () => {
        const { id } = await network()
        const { id: subnetId } = await subnet(id)
        const made = await port(id, { fixed_ips: [{ ip_address: '10.7.0.77' }], mac_address: '02:42:0A:00:00:01' })
        expect(made.fixed_ips).toEqual([{ subnet_id: subnetId, ip_address: '10.7.0.77' }])
        expect(made.mac_address).toBe('02:42:0a:00:00:01')
        const several = await port(id, {
          fixed_ips: [{ subnet_id: subnetId, ip_address: '10.7.0.78' }, { subnet_id: subnetId }],
        })
        expect(several.fixed_ips).toHaveLength(2)
      })

      it('do not share an address or a MAC', async () => {
        const { id } = await network()
        const { id: subnetId } = await subnet(id)
        const made = await port(id, { fixed_ips: [{ subnet_id: subnetId, ip_address: '10.7.0.77' }] })
        await expectRefusal(
          port(id, { fixed_ips: [{ subnet_id: subnetId, ip_address: '10.7.0.77' }] }),
          'IpAddressAlreadyAllocated',
          '10.7.0.77',
        )
        await expectRefusal(port(id, { mac_address: made.mac_address }), 'MacAddressInUse', made.mac_address)
      })

      it('are refused addresses that are not theirs to have', async () => {
        const [{ id }, other] = [await network(), await network()]
        const [{ id: subnetId }, { id: foreign }] = [await subnet(id), await subnet(other.id)]
        const asking = (...fixed_ips: NonNullable<PortCreate['fixed_ips']>) => port(id, { fixed_ips })
        await expectRefusal(asking({ ip_address: '10.8.0.1' }), 'InvalidIpForNetwork', '10.8.0.1')
        await expectRefusal(asking({ subnet_id: subnetId, ip_address: '10.8.0.1' }), 'InvalidIpForSubnet', '10.8.0.1')
        await expectRefusal(
          asking({ subnet_id: subnetId, ip_address: '10.7.0.255' }),
          'InvalidIpForSubnet',
          '10.7.0.255',
        )
        await expectRefusal(asking({ subnet_id: foreign }), 'InvalidInput', foreign)
        await expectRefusal(asking({ ip_address: 'fish' }), 'HTTPBadRequest', 'fish')
      })

      it('run out, and an address that was given back is given again', async () => {
        const { id } = await network()
        await subnet(id, { cidr: '10.7.0.0/29' })
        const five = []
        for (let count = 0; count < 5; count += 1) five.push(await port(id))
        expect(new Set(five.map(made => made.fixed_ips[0]?.ip_address)).size).toBe(5)
        await expectRefusal(port(id), 'IpAddressGenerationFailure', id)
        const freed = five[2]?.fixed_ips[0]?.ip_address
        await neutron.ports.delete(five[2]?.id ?? '')
        expect((await port(id)).fixed_ips[0]?.ip_address).toBe(freed)
      })

      it('keep, add and drop addresses in one update', async () => {
        const { id } = await network()
        const { id: subnetId } = await subnet(id)
        const at = (ip: string) => ({ subnet_id: subnetId, ip_address: ip })
        const made = await port(id, { fixed_ips: [at('10.7.0.10'), at('10.7.0.11')] })
        const changed = await neutron.ports.update(made.id, { fixed_ips: [at('10.7.0.11'), at('10.7.0.12')] })
        expect(changed.fixed_ips).toHaveLength(2)
        expect(new Set(changed.fixed_ips.map(({ ip_address }) => ip_address))).toEqual(
          new Set(['10.7.0.11', '10.7.0.12']),
        )
        expect((await port(id, { fixed_ips: [at('10.7.0.10')] })).fixed_ips).toEqual([at('10.7.0.10')])
        await expectRefusal(port(id, { fixed_ips: [at('10.7.0.12')] }), 'IpAddressAlreadyAllocated')
      })

      it('change name, device and MAC while unbound', async () => {
        const { id } = await network()
        const made = await port(id)
        const changed = await neutron.ports.update(made.id, {
          name: 'eth0',
          device_id: 'container',
          device_owner: 'compute:kuryr',
          mac_address: '02:42:00:00:00:05',
        })
        expect(changed).toMatchObject({ name: 'eth0', device_id: 'container', device_owner: 'compute:kuryr' })
        expect(changed.mac_address).toBe('02:42:00:00:00:05')
        await port(id, { mac_address: made.mac_address })
      })

      it('need their network, and are gone when deleted', async () => {
        const nowhere = randomUUID()
        await expectRefusal(port(nowhere), 'NetworkNotFound', nowhere)
        await expectRefusal(neutron.ports.delete(nowhere), 'PortNotFound', nowhere)
        await expectRefusal(neutron.ports.update(nowhere, { name: 'x' }), 'PortNotFound', nowhere)
      })

      it('made at once never share an address', async () => {
        const { id } = await network()
        await subnet(id, { cidr: '10.7.0.0/27' })
        const made = await Promise.all(Array.from({ length: 20 }, () => port(id)))
        expect(new Set(made.map(one => one.fixed_ips[0]?.ip_address)).size).toBe(20)
      })
    })

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
