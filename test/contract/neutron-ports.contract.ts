import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Neutron } from '../../src/neutron/neutron.ts'
import type { PortCreate } from '../../src/neutron/requests.ts'
import { expectRefusal, makers } from './neutron-contract-makers.ts'

/** The part of Neutron's contract about ports. */
export function portContract(opened: () => Neutron): void {
  const { network, subnet, port } = makers(opened)
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
      await expectRefusal(asking({ subnet_id: subnetId, ip_address: '10.7.0.255' }), 'InvalidIpForSubnet', '10.7.0.255')
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
      await opened().ports.delete(five[2]?.id ?? '')
      expect((await port(id)).fixed_ips[0]?.ip_address).toBe(freed)
    })

    it('keep, add and drop addresses in one update', async () => {
      const { id } = await network()
      const { id: subnetId } = await subnet(id)
      const at = (ip: string) => ({ subnet_id: subnetId, ip_address: ip })
      const made = await port(id, { fixed_ips: [at('10.7.0.10'), at('10.7.0.11')] })
      const changed = await opened().ports.update(made.id, { fixed_ips: [at('10.7.0.11'), at('10.7.0.12')] })
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
      const changed = await opened().ports.update(made.id, {
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
      await expectRefusal(opened().ports.delete(nowhere), 'PortNotFound', nowhere)
      await expectRefusal(opened().ports.update(nowhere, { name: 'x' }), 'PortNotFound', nowhere)
    })

    it('made at once never share an address', async () => {
      const { id } = await network()
      await subnet(id, { cidr: '10.7.0.0/27' })
      const made = await Promise.all(Array.from({ length: 20 }, () => port(id)))
      expect(new Set(made.map(one => one.fixed_ips[0]?.ip_address)).size).toBe(20)
    })
  })
}
