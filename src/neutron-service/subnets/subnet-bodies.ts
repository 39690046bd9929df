import { Type } from 'typebox'
import { AllocationPool, HostRoute, Subnet } from '../../neutron/resources.ts'
import { closed, flag, owner, tags, text } from '../bodies/attributes.ts'
import { bodyReader } from '../bodies/body-reader.ts'

const Pool = Type.Object(AllocationPool.properties, closed)
const Route = Type.Object(HostRoute.properties, closed)

const updatable = {
  name: text,
  description: text,
  gateway_ip: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  allocation_pools: Type.Optional(Type.Array(Pool, { maxItems: 64 })),
  host_routes: Type.Optional(Type.Array(Route, { maxItems: 20 })),
  dns_nameservers: Type.Optional(Type.Array(Type.String(), { maxItems: 5 })),
  enable_dhcp: flag,
}

/** Body of POST /subnets. */
export const readSubnetCreate = bodyReader(
  'POST',
  Type.Object(
    {
      ...updatable,
      ...owner,
      tags,
      network_id: Type.String(),
      ip_version: Type.Optional(Type.Integer()),
      cidr: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      prefixlen: Type.Optional(Type.Integer()),
      subnetpool_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      ipv6_ra_mode: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      ipv6_address_mode: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    },
    closed,
  ),
  Subnet,
)

/** Body of PUT /subnets/{id}. */
export const readSubnetUpdate = bodyReader('PUT', Type.Object(updatable, closed), Subnet)
