import { type Static, Type } from 'typebox'

/**
 * Neutron's resources as they are on the wire (Networking API v2.0), as far as the drivers, the embedded service and
 * OpenStack's command line use them. One schema gives the type, the validation and the OpenAPI document.
 */
const Uuid = Type.String({ description: 'a UUID' })
const Tags = Type.Array(Type.String())
const Timestamp = Type.String({ description: 'ISO 8601, UTC, seconds' })
const Status = Type.String({ description: 'ACTIVE, DOWN, BUILD or ERROR' })

const standardAttributes = {
  id: Uuid,
  name: Type.String(),
  description: Type.String(),
  project_id: Type.String(),
  tenant_id: Type.String(),
  tags: Tags,
  created_at: Timestamp,
  updated_at: Timestamp,
  /** Grows with every change; the condition of {@link UpdateOptions.ifRevision}. */
  revision_number: Type.Integer(),
}

export const Network = Type.Object({
  ...standardAttributes,
  admin_state_up: Type.Boolean(),
  status: Status,
  shared: Type.Boolean(),
  /** Bytes an interface in this network may send at once: the path's MTU less the encapsulation. */
  mtu: Type.Integer(),
  subnets: Type.Array(Uuid),
  'router:external': Type.Boolean(),
  port_security_enabled: Type.Boolean(),
  availability_zone_hints: Type.Array(Type.String()),
  availability_zones: Type.Array(Type.String()),
  ipv4_address_scope: Type.Union([Uuid, Type.Null()]),
  ipv6_address_scope: Type.Union([Uuid, Type.Null()]),
  'provider:network_type': Type.Optional(Type.String()),
  'provider:physical_network': Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** The VXLAN network identifier (VNI) in embedded mode. */
  'provider:segmentation_id': Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
})
export type Network = Static<typeof Network>

export const AllocationPool = Type.Object({ start: Type.String(), end: Type.String() })
export type AllocationPool = Static<typeof AllocationPool>

export const HostRoute = Type.Object({ destination: Type.String(), nexthop: Type.String() })
export type HostRoute = Static<typeof HostRoute>

export const Subnet = Type.Object({
  ...standardAttributes,
  network_id: Uuid,
  ip_version: Type.Union([Type.Literal(4), Type.Literal(6)]),
  cidr: Type.String(),
  gateway_ip: Type.Union([Type.String(), Type.Null()]),
  allocation_pools: Type.Array(AllocationPool),
  host_routes: Type.Array(HostRoute),
  dns_nameservers: Type.Array(Type.String()),
  enable_dhcp: Type.Boolean(),
  subnetpool_id: Type.Union([Uuid, Type.Null()]),
  ipv6_ra_mode: Type.Union([Type.String(), Type.Null()]),
  ipv6_address_mode: Type.Union([Type.String(), Type.Null()]),
  service_types: Type.Array(Type.String()),
})
export type Subnet = Static<typeof Subnet>

export const SubnetPool = Type.Object({
  ...standardAttributes,
  prefixes: Type.Array(Type.String()),
  ip_version: Type.Union([Type.Literal(4), Type.Literal(6)]),
  default_prefixlen: Type.Integer(),
  min_prefixlen: Type.Integer(),
  max_prefixlen: Type.Integer(),
  default_quota: Type.Union([Type.Integer(), Type.Null()]),
  address_scope_id: Type.Union([Uuid, Type.Null()]),
  shared: Type.Boolean(),
  is_default: Type.Boolean(),
})
export type SubnetPool = Static<typeof SubnetPool>

export const FixedIp = Type.Object({ subnet_id: Uuid, ip_address: Type.String() })
export type FixedIp = Static<typeof FixedIp>

export const Port = Type.Object({
  ...standardAttributes,
  network_id: Uuid,
  mac_address: Type.String(),
  fixed_ips: Type.Array(FixedIp),
  admin_state_up: Type.Boolean(),
  status: Status,
  device_id: Type.String(),
  device_owner: Type.String(),
  security_groups: Type.Array(Uuid),
  allowed_address_pairs: Type.Array(
    Type.Object({ ip_address: Type.String(), mac_address: Type.Optional(Type.String()) }),
  ),
  /** Of extension `qos`: absent without it. */
  qos_policy_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  extra_dhcp_opts: Type.Array(Type.Unknown()),
  port_security_enabled: Type.Boolean(),
  'binding:host_id': Type.String(),
  'binding:vnic_type': Type.String(),
  /** How the port is plugged on its host: `fabric` in embedded mode; `bridge`, `ovs`, … in OpenStack. */
  'binding:vif_type': Type.String(),
  'binding:vif_details': Type.Record(Type.String(), Type.Unknown()),
  'binding:profile': Type.Record(Type.String(), Type.Unknown()),
})
export type Port = Static<typeof Port>

export const Agent = Type.Object({
  id: Uuid,
  agent_type: Type.String(),
  binary: Type.String(),
  host: Type.String(),
  topic: Type.String(),
  admin_state_up: Type.Boolean(),
  alive: Type.Boolean(),
  availability_zone: Type.Union([Type.String(), Type.Null()]),
  created_at: Timestamp,
  started_at: Timestamp,
  heartbeat_timestamp: Timestamp,
  description: Type.Union([Type.String(), Type.Null()]),
  /** In embedded mode `{tunneling_ip, version}`: where other hosts send this host's VXLAN packets. */
  configurations: Type.Record(Type.String(), Type.Unknown()),
})
export type Agent = Static<typeof Agent>

export const Extension = Type.Object({
  alias: Type.String(),
  name: Type.String(),
  description: Type.String(),
  updated: Type.String(),
  links: Type.Array(Type.Unknown()),
})
export type Extension = Static<typeof Extension>
