import type { Neutron } from '../../../src/neutron/neutron.ts'
import type { Network, Port, Subnet, SubnetPool } from '../../../src/neutron/resources.ts'

/** What an operator has in Neutron before Docker comes: nothing of it is ours. */
export interface Operated {
  network: Network
  subnet: Subnet
  pool: SubnetPool
  /** Of a virtual machine. */
  vm: Port
}

/** An operator's network with a subnet 10.0.0.0/24, a VM in it, and a subnet pool 10.64.0.0/16. */
export async function operate(neutron: Neutron): Promise<Operated> {
  const network = await neutron.networks.create({ name: 'blue', tags: ['of the operator'] })
  const subnet = await neutron.subnets.create({
    name: 'blue-4',
    network_id: network.id,
    cidr: '10.0.0.0/24',
    gateway_ip: '10.0.0.254',
    host_routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.200' }],
  })
  const pool = await neutron.subnetpools.create({ name: 'campus', prefixes: ['10.64.0.0/16'], default_prefixlen: 24 })
  const vm = await addPort(neutron, subnet, '10.0.0.50', { device_owner: 'compute:nova', device_id: 'a-vm' })
  return { network, subnet, pool, vm }
}

/** A port of the operator's with this address. */
export function addPort(
  neutron: Neutron,
  { network_id, id: subnet_id }: Subnet,
  ip_address: string,
  owner: { device_owner?: string; device_id?: string; name?: string } = {},
): Promise<Port> {
  return neutron.ports.create({ network_id, fixed_ips: [{ subnet_id, ip_address }], name: 'of the operator', ...owner })
}
