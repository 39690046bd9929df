import type { Neutron } from '../../neutron/neutron.ts'
import { Network } from '../../neutron/resources.ts'
import type { ServedResource } from '../resource-routes.ts'
import { readOnlyEverywhere } from './read-only.ts'

/** `/v2.0/networks`. */
export function networks(neutron: Neutron): ServedResource {
  return {
    singular: 'network',
    plural: 'networks',
    schema: Network,
    readOnly: [
      ...readOnlyEverywhere,
      'status',
      'subnets',
      'availability_zones',
      'ipv4_address_scope',
      'ipv6_address_scope',
    ],
    collection: neutron.networks,
  }
}
