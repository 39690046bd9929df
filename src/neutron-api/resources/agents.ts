import type { Neutron } from '../../neutron/neutron.ts'
import { Agent } from '../../neutron/resources.ts'
import type { ServedResource } from '../resource-routes.ts'

/** `/v2.0/agents`: the hosts. They register themselves, so none is created over the wire. */
export function agents(neutron: Neutron): ServedResource {
  return {
    singular: 'agent',
    plural: 'agents',
    schema: Agent,
    readOnly: Object.keys(Agent.properties),
    collection: neutron.agents,
  }
}
