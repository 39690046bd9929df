import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { NeutronErrorType } from '../../src/neutron/errors.ts'
import type { Neutron } from '../../src/neutron/neutron.ts'
import type { SubnetCreate } from '../../src/neutron/requests.ts'
import { expectRefusal, makers, refusal } from './neutron-contract-makers.ts'

/** The part of Neutron's contract about subnets and subnet pools. */
export function subnetContract(opened: () => Neutron): void {
  const { network, subnet, port } = makers(opened)
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

    it('of IPv6 hold the last address too, and have the subnet-router anycast address as gateway', async () => {
      const { id } = await network()
      const made = await subnet(id, { ip_version: 6, cidr: 'FD00:0::/112' })
      expect(made).toMatchObject({ cidr: 'fd00::/112', gateway_ip: 'fd00::', ip_version: 6 })
      expect(made.allocation_pools).toEqual([{ start: 'fd00::1', end: 'fd00::ffff' }])
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
      [{ cidr: '10.7.0.0/33' }, 'InvalidInput', '10.7.0.0/33'],
      [{ cidr: 'nonsense' }, 'InvalidInput', 'nonsense'],
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
      expect((await opened().networks.show(id)).subnets).toEqual([])
    })

    it('stay while a port has an address of theirs', async () => {
      const { id } = await network()
      const made = await subnet(id)
      const holder = await port(id)
      await expectRefusal(opened().subnets.delete(made.id), 'SubnetInUse', made.id)
      await opened().ports.delete(holder.id)
      await opened().subnets.delete(made.id)
      await expectRefusal(opened().subnets.delete(made.id), 'SubnetNotFound', made.id)
      expect((await opened().networks.show(id)).subnets).toEqual([])
    })

    it('need their network', async () => {
      const nowhere = randomUUID()
      await expectRefusal(subnet(nowhere), 'NetworkNotFound', nowhere)
    })

    it('change gateway, routes, name servers and pools', async () => {
      const { id } = await network()
      const made = await subnet(id, { allocation_pools: [{ start: '10.7.0.100', end: '10.7.0.200' }] })
      const changed = await opened().subnets.update(made.id, {
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
      opened().subnetpools.create({ name: `pool-${randomUUID()}`, prefixes, default_prefixlen: 24, ...body })

    it('give out a prefix of the length asked for, and of their default length', async () => {
      const [{ id: poolId }, { id }] = [await pool(), await network()]
      const one = await opened().subnets.create({
        network_id: id,
        ip_version: 4,
        subnetpool_id: poolId,
        prefixlen: 26,
        enable_dhcp: false,
      })
      const two = await opened().subnets.create({
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
      await opened().subnets.delete((await subnet(first.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })).id)
      await subnet(first.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })
      await opened().networks.delete(first.id)
      const second = await network()
      expect((await subnet(second.id, { cidr: '10.22.0.0/24', subnetpool_id: poolId })).cidr).toBe('10.22.0.0/24')
    })

    it('stay while a subnet is of them', async () => {
      const [{ id: poolId }, { id }] = [await pool(), await network()]
      const made = await subnet(id, { cidr: '10.20.1.0/24', subnetpool_id: poolId })
      // 400 SubnetPoolDeleteError in OpenStack, 409 SubnetPoolInUse here.
      expect([400, 409]).toContain((await refusal(opened().subnetpools.delete(poolId))).status)
      await opened().subnets.delete(made.id)
      await opened().subnetpools.delete(poolId)
      await expectRefusal(opened().subnetpools.show(poolId), 'SubnetPoolNotFound', poolId)
    })

    it('do not mix in one network', async () => {
      const [{ id: poolId }, { id }] = [await pool(), await network()]
      await subnet(id, { cidr: '10.20.1.0/24', subnetpool_id: poolId })
      await expectRefusal(subnet(id, { cidr: '10.30.0.0/24' }), 'NetworkSubnetPoolAffinityError')
    })

    it('grow, and never shrink', async () => {
      const made = await pool(['10.20.0.0/17'])
      const grown = await opened().subnetpools.update(made.id, { prefixes: ['10.20.0.0/17', '10.20.128.0/17'] })
      expect(grown.prefixes).toEqual(['10.20.0.0/16'])
      await expectRefusal(
        opened().subnetpools.update(made.id, { prefixes: ['10.20.0.0/24'] }),
        'IllegalSubnetPoolPrefixUpdate',
      )
    })
  })
}
