import { Type } from 'typebox'
import { Port } from '../../neutron/resources.ts'
import { closed, flag, owner, tags, text } from '../bodies/attributes.ts'
import { bodyReader } from '../bodies/body-reader.ts'

const FixedIp = Type.Object(
  { subnet_id: Type.Optional(Type.String()), ip_address: Type.Optional(Type.String()) },
  closed,
)
const AddressPair = Type.Object({ ip_address: Type.String(), mac_address: Type.Optional(Type.String()) }, closed)
/** `null` clears, as in Neutron. */
const clearable = Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()]))

const updatable = {
  name: text,
  description: text,
  admin_state_up: flag,
  mac_address: text,
  fixed_ips: Type.Optional(Type.Array(FixedIp, { maxItems: 256 })),
  device_id: clearable,
  device_owner: clearable,
  security_groups: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  allowed_address_pairs: Type.Optional(Type.Array(AddressPair, { maxItems: 10 })),
  port_security_enabled: flag,
  'binding:host_id': clearable,
  'binding:vnic_type': text,
  'binding:profile': Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
}

/** Body of POST /ports. */
export const readPortCreate = bodyReader(
  'POST',
  Type.Object({ ...updatable, ...owner, tags, network_id: Type.String() }, closed),
  Port,
)

/** Body of PUT /ports/{id}. */
export const readPortUpdate = bodyReader(
  'PUT',
  Type.Object({ ...updatable, status: Type.Optional(Type.Enum(['ACTIVE', 'DOWN', 'BUILD', 'ERROR'])) }, closed),
  Port,
)
