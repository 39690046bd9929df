import type { Port } from '../../neutron/resources.ts'
import type { Tables } from '../replica/tables.ts'

type Binding = Pick<Port, 'binding:host_id' | 'binding:vif_type' | 'binding:vif_details'>

/** How a port is plugged on `host`: by its fabric if that host has an agent, else not at all. No host: `unbound`. */
export function bindingOn(tables: Tables, host: string): Binding {
  if (host === '') return { 'binding:host_id': '', 'binding:vif_type': 'unbound', 'binding:vif_details': {} }
  if (!tables.agents.get(host)) {
    return { 'binding:host_id': host, 'binding:vif_type': 'binding_failed', 'binding:vif_details': {} }
  }
  const details = { connectivity: 'l2', port_filter: false }
  return { 'binding:host_id': host, 'binding:vif_type': 'fabric', 'binding:vif_details': details }
}

/** Whether an interface may be in use for the port. */
export function isBound(port: Pick<Port, 'binding:vif_type'>): boolean {
  return !['unbound', 'binding_failed'].includes(port['binding:vif_type'])
}
