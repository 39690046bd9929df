import { Type } from 'typebox'
import { Network } from '../../neutron/resources.ts'
import { closed, flag, owner, tags, text } from '../bodies/attributes.ts'
import { bodyReader } from '../bodies/body-reader.ts'

const updatable = {
  name: text,
  description: text,
  admin_state_up: flag,
  shared: flag,
  mtu: Type.Optional(Type.Integer({ minimum: 68, maximum: 65_535 })),
  port_security_enabled: flag,
}

/** Body of POST /networks. */
export const readNetworkCreate = bodyReader(
  'POST',
  Type.Object(
    {
      ...updatable,
      ...owner,
      tags,
      'router:external': flag,
      'provider:network_type': text,
      'provider:segmentation_id': Type.Optional(Type.Integer()),
    },
    closed,
  ),
  Network,
)

/** Body of PUT /networks/{id}. */
export const readNetworkUpdate = bodyReader('PUT', Type.Object(updatable, closed), Network)
