import type { Neutron } from '../../neutron/neutron.ts'
import { Subnet } from '../../neutron/resources.ts'
import type { ServedResource } from '../resource-routes.ts'
import { readOnlyEverywhere } from './read-only.ts'

/** `/v2.0/subnets`. */
export function subnets(neutron: Neutron): ServedResource {
  return {
    singular: 'subnet',
    plural: 'subnets',
    schema: Subnet,
    readOnly: [...readOnlyEverywhere, 'service_types'],
    collection: neutron.subnets,
  }
}
