import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Port, Subnet } from '../../src/neutron/resources.ts'
import { keys } from '../../src/neutron-service/keys.ts'
import type { NeutronService } from '../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../src/neutron-service/open-neutron-service.ts'
import { refusal } from './neutron-contract-makers.ts'
import { silentLog, sqliteStore, type TestStore } from './neutron-stores.ts'

describe('records of a newer release in the store', () => {
  let place: TestStore
  let neutron: NeutronService
  let networkId: string
  let subnet: Subnet
  let port: Port

  beforeEach(async () => {
    place = await sqliteStore()
    const making = open()
    networkId = (await making.networks.create({ name: 'one' })).id
    subnet = await making.subnets.create({ network_id: networkId, ip_version: 4, cidr: '10.0.0.0/29' })
    port = await making.ports.create({ network_id: networkId })
    await making.close()
  })
  afterEach(async () => {
    await neutron.close()
    await place.remove()
  })

  function open(): NeutronService {
    return openNeutronService({ store: place.store, host: 'h', log: silentLog, defaultMtu: 1450, deadline: 5000 })
  }

  /** Writes the record as a newer release would, opens the service on it, and tells the value. */
  async function renew(key: string): Promise<string> {
    const value = JSON.stringify({ schema: 2, write: 'newer', data: { form: 'unknown' } })
    await place.store.transaction({ when: [], then: [{ put: key, value }] })
    neutron = open()
    return value
  }

  async function expectUntouched(key: string, value: string): Promise<void> {
    expect((await place.store.get(key))?.value).toBe(value)
  }

  async function expectUnreadable(key: string, ...calls: Promise<unknown>[]): Promise<void> {
    for (const call of calls) {
      const { type, message } = await refusal(call)
      expect(message).toContain(key)
      expect(type).toBe('ServiceUnavailable')
    }
  }

  it('of an address: it is given to nobody, and the rest of the subnet is', async () => {
    const key = keys.address(subnet.id, port.fixed_ips[0]?.ip_address ?? '')
    const value = await renew(key)
    const given: string[] = []
    for (let count = 0; count < 4; count += 1) {
      const { fixed_ips } = await neutron.ports.create({ network_id: networkId })
      given.push(fixed_ips[0]?.ip_address ?? '')
    }
    expect(given).not.toContain(port.fixed_ips[0]?.ip_address)
    expect((await refusal(neutron.ports.create({ network_id: networkId }))).type).toBe('IpAddressGenerationFailure')
    await expectUnreadable(key, neutron.ports.delete(port.id))
    await expectUntouched(key, value)
  })

  it('of a subnet: no port is made without its address, and network and subnet stay', async () => {
    const key = keys.subnet(subnet.id)
    const value = await renew(key)
    await expectUnreadable(key, neutron.ports.create({ network_id: networkId }))
    expect((await refusal(neutron.subnets.delete(subnet.id))).type).toBe('SubnetNotFound')
    await neutron.ports.delete(port.id)
    await expectUnreadable(key, neutron.networks.delete(networkId))
    await expectUntouched(key, value)
  })

  it('of a network’s list of subnets: nothing is made on the network or deleted from it', async () => {
    const key = keys.networkSubnets(networkId)
    const value = await renew(key)
    await expectUnreadable(
      key,
      neutron.ports.create({ network_id: networkId }),
      neutron.subnets.create({ network_id: networkId, ip_version: 4, cidr: '10.9.0.0/24' }),
    )
    await neutron.ports.delete(port.id)
    await expectUnreadable(key, neutron.subnets.delete(subnet.id), neutron.networks.delete(networkId))
    await expectUntouched(key, value)
  })

  it('of a port: it is not there for this release, and its addresses, its network and its subnet stay', async () => {
    const key = keys.port(port.id)
    const value = await renew(key)
    expect((await refusal(neutron.ports.delete(port.id))).type).toBe('PortNotFound')
    expect((await refusal(neutron.subnets.delete(subnet.id))).type).toBe('SubnetInUse')
    await expect(neutron.networks.delete(networkId)).rejects.toThrow()
    const { ip_address } = port.fixed_ips[0] ?? { ip_address: '' }
    const taken = neutron.ports.create({ network_id: networkId, fixed_ips: [{ ip_address }] })
    expect((await refusal(taken)).type).toBe('IpAddressAlreadyAllocated')
    await expectUntouched(key, value)
  })
})
