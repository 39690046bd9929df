import { Type } from 'typebox'
import { SubnetPool } from '../../neutron/resources.ts'
import { closed, flag, owner, tags, text } from '../bodies/attributes.ts'
import { bodyReader } from '../bodies/body-reader.ts'

const prefixLength = Type.Optional(Type.Integer({ minimum: 0, maximum: 128 }))
const prefixes = Type.Array(Type.String(), { maxItems: 256 })
const updatable = {
  name: text,
  description: text,
  default_prefixlen: prefixLength,
  min_prefixlen: prefixLength,
  max_prefixlen: prefixLength,
  default_quota: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
  is_default: flag,
}

/** Body of POST /subnetpools. */
export const readSubnetPoolCreate = bodyReader(
  'POST',
  Type.Object(
    {
      ...updatable,
      ...owner,
      tags,
      name: Type.String({ maxLength: 255 }),
      prefixes,
      shared: flag,
      address_scope_id: Type.Optional(Type.Null()),
    },
    closed,
  ),
  SubnetPool,
)

/** Body of PUT /subnetpools/{id}. */
export const readSubnetPoolUpdate = bodyReader(
  'PUT',
  Type.Object({ ...updatable, prefixes: Type.Optional(prefixes) }, closed),
  SubnetPool,
)
