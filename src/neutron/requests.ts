import type { AllocationPool, HostRoute, Network, Port, Subnet, SubnetPool } from './resources.ts'

/** Bodies of create and update requests: what a caller may say of each resource. All else is answered by the service. */

export interface NetworkCreate extends Tagged {
  /** Chosen by the service unless given (the embedded service takes it; OpenStack does not). */
  name?: string
  admin_state_up?: boolean
  shared?: boolean
  mtu?: number
  port_security_enabled?: boolean
  'router:external'?: boolean
  'provider:network_type'?: string
  'provider:segmentation_id'?: number
}
export type NetworkUpdate = Partial<
  Pick<Network, 'name' | 'description' | 'admin_state_up' | 'shared' | 'mtu' | 'port_security_enabled'>
>

export interface SubnetCreate extends Tagged {
  network_id: string
  ip_version?: 4 | 6
  /** Required unless `subnetpool_id` is given, from which a prefix is then taken. */
  cidr?: string
  prefixlen?: number
  subnetpool_id?: string | null
  name?: string
  /** `null`: no gateway. Left out: the first address of the CIDR. */
  gateway_ip?: string | null
  allocation_pools?: AllocationPool[]
  host_routes?: HostRoute[]
  dns_nameservers?: string[]
  enable_dhcp?: boolean
  ipv6_ra_mode?: string
  ipv6_address_mode?: string
}
export type SubnetUpdate = Partial<
  Pick<
    Subnet,
    'name' | 'description' | 'gateway_ip' | 'allocation_pools' | 'host_routes' | 'dns_nameservers' | 'enable_dhcp'
  >
>

export interface SubnetPoolCreate extends Tagged {
  name: string
  prefixes: string[]
  default_prefixlen?: number
  min_prefixlen?: number
  max_prefixlen?: number
  default_quota?: number | null
  shared?: boolean
  is_default?: boolean
}
export type SubnetPoolUpdate = Partial<
  Pick<
    SubnetPool,
    'name' | 'description' | 'prefixes' | 'default_prefixlen' | 'min_prefixlen' | 'max_prefixlen' | 'is_default'
  >
>

/** `{subnet_id}` asks for any free address of that subnet, `{ip_address}` for that address in whatever subnet has it. */
export interface FixedIpRequest {
  subnet_id?: string
  ip_address?: string
}

export interface PortCreate extends Tagged {
  network_id: string
  name?: string
  admin_state_up?: boolean
  mac_address?: string
  /** Left out: one address of an IPv4 subnet and one of each IPv6 subnet of the network, as Neutron does. */
  fixed_ips?: FixedIpRequest[]
  device_id?: string
  device_owner?: string
  security_groups?: string[]
  allowed_address_pairs?: Port['allowed_address_pairs']
  port_security_enabled?: boolean
  'binding:host_id'?: string
  'binding:vnic_type'?: string
  'binding:profile'?: Record<string, unknown>
}
export interface PortUpdate extends Partial<Omit<PortCreate, 'network_id' | 'tags'>> {
  /** Of extension `qos`; `null`: none. */
  qos_policy_id?: string | null
  /** Set by whoever plugs the port: ACTIVE or DOWN. OpenStack does not take it; its agents report it. */
  status?: string
}

interface Tagged {
  /**
   * One that ends in a UUID is taken for the only one of its kind: a create whose answer was lost is found again by it,
   * and taken back.
   */
  description?: string
  /** Tags the resource is born with. Where the service does not take them at creation they are added at once after. */
  tags?: string[]
}
