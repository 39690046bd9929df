import { describe, expect, it } from 'vitest'
import type { Router } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { externalNetworkOf } from './external-network.ts'

const subnet = { id: 's', network_id: 'n', cidr: '10.9.0.0/24', gateway_ip: '10.9.0.1' } as Subnet

function portOf(router: string, ip_address: string, subnet_id = 's'): Port {
  return { device_id: router, fixed_ips: [{ subnet_id, ip_address }] } as Port
}

function ask(ports: Port[], routers: Record<string, string | null>): Promise<string> {
  const show = (id: string): Promise<Router> => {
    const network_id = routers[id]
    if (network_id === undefined) return Promise.reject(new NeutronError('RouterNotFound', id))
    return Promise.resolve({
      id,
      name: `router ${id}`,
      external_gateway_info: network_id === null ? null : { network_id },
    })
  }
  const neutron = { ports: { list: () => Promise.resolve(ports) } } as unknown as Parameters<
    typeof externalNetworkOf
  >[0]['neutron']
  const access = { routers: { show, list: () => Promise.resolve([]) } }
  return externalNetworkOf({ neutron, access }, subnet, {})
}

describe('the external network', () => {
  it('is that of the router which is the subnet’s gateway, where there are several', async () =>
    expect(await ask([portOf('b', '10.9.0.7'), portOf('a', '10.9.0.1')], { a: 'of a', b: 'of b' })).toBe('of a'))

  it('is that of another router, where the gateway leads nowhere', async () =>
    expect(await ask([portOf('a', '10.9.0.1'), portOf('b', '10.9.0.7')], { a: null, b: 'of b' })).toBe('of b'))

  it.each([
    ['of another subnet', [portOf('a', '10.8.0.1', 'other')], { a: 'of a' }],
    ['of another project', [portOf('a', '10.9.0.1')], {}],
    ['none at all', [], {}],
  ])('is none where the router is %s', async (_, ports, routers) =>
    expect(ask(ports, routers)).rejects.toThrow('no router serves subnet 10.9.0.0/24 (s): openstack router add subnet'),
  )

  it('is none where no router has a gateway', async () =>
    expect(ask([portOf('a', '10.9.0.1')], { a: null })).rejects.toThrow('router router a of subnet 10.9.0.0/24 has no'))
})
