import type { Neutron } from '../../neutron/neutron.ts'
import { Port } from '../../neutron/resources.ts'
import type { ServedResource } from '../resource-routes.ts'
import { readOnlyEverywhere } from './read-only.ts'

/** `/v2.0/ports`. */
export function ports(neutron: Neutron): ServedResource {
  return {
    singular: 'port',
    plural: 'ports',
    schema: Port,
    readOnly: [...readOnlyEverywhere, 'extra_dhcp_opts', 'qos_policy_id', 'binding:vif_type', 'binding:vif_details'],
    collection: neutron.ports,
  }
}
