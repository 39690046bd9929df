import type { Neutron } from '../../neutron/neutron.ts'
import { SubnetPool } from '../../neutron/resources.ts'
import type { ServedResource } from '../resource-routes.ts'
import { readOnlyEverywhere } from './read-only.ts'

/** `/v2.0/subnetpools`. */
export function subnetPools(neutron: Neutron): ServedResource {
  return {
    singular: 'subnetpool',
    plural: 'subnetpools',
    schema: SubnetPool,
    readOnly: [...readOnlyEverywhere, 'ip_version', 'address_scope_id'],
    collection: neutron.subnetpools,
  }
}
