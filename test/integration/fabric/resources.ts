import { randomUUID } from 'node:crypto'
import type { Network, Port } from '../../../src/neutron/resources.ts'

const standard = {
  name: '',
  description: '',
  project_id: '',
  tenant_id: '',
  tags: [],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  revision_number: 1,
}

/** A VXLAN network. */
export function makeNetwork(vni: number, mtu = 1450): Network {
  return {
    ...standard,
    id: randomUUID(),
    admin_state_up: true,
    status: 'ACTIVE',
    shared: false,
    mtu,
    subnets: [],
    'router:external': false,
    port_security_enabled: false,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'provider:network_type': 'vxlan',
    'provider:segmentation_id': vni,
  }
}

/** A port bound on `host`. */
export function makePort(network: Network, host: string, bound: { mac: string; addresses: string[] }): Port {
  return {
    ...standard,
    id: randomUUID(),
    network_id: network.id,
    mac_address: bound.mac,
    fixed_ips: bound.addresses.map(address => ({ subnet_id: network.id, ip_address: address })),
    admin_state_up: true,
    status: 'ACTIVE',
    device_id: 'container',
    device_owner: 'kuryr:container',
    security_groups: [],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    port_security_enabled: false,
    'binding:host_id': host,
    'binding:vnic_type': 'normal',
    'binding:vif_type': 'fabric',
    'binding:vif_details': {},
    'binding:profile': {},
  }
}
