import type { LinkOps } from '../host-network/link-ops.ts'
import type { Neutron } from '../neutron/neutron.ts'
import { OvsdbClient } from '../ovsdb/ovsdb-client.ts'
import { BindingByVifType } from './binding-by-vif-type.ts'
import { BridgeBinding } from './bridge/binding.ts'
import { OvsBinding } from './ovs/binding.ts'
import type { PortBinding } from './port-binding.ts'
import { TapBinding } from './tap/binding.ts'
import { ActiveBinding, type ActivationOptions } from './wait-until-active.ts'

export interface PortBindingsOptions {
  linkOps: LinkOps
  ovsdb: {
    /** `unix:/run/openvswitch/db.sock` or `tcp:HOST:PORT`. */
    address: string
    /** Milliseconds for one transaction. */
    deadline?: number
  }
  /** Asked whether a port is ACTIVE. */
  neutron: { ports: Pick<Neutron['ports'], 'show'> }
  /** `vif_plugging_is_fatal`: wait until a port is ACTIVE. Left out, `bind` comes back at once. */
  activation?: ActivationOptions
}

/** The port bindings of a host with OpenStack's agents. `close` lets go of connections; plugs stay. */
export interface PortBindings extends PortBinding {
  close(): Promise<void>
}

/** All bindings that plug ports for OpenStack's L2 agents and OVN, by `binding:vif_type`. Opens no connection yet. */
export function openPortBindings({ linkOps, ovsdb, neutron, activation }: PortBindingsOptions): PortBindings {
  const client = new OvsdbClient({ ...ovsdb, database: 'Open_vSwitch' })
  const byVifType = new BindingByVifType({
    bridge: new BridgeBinding(linkOps),
    ovs: new OvsBinding(linkOps, client),
    tap: new TapBinding(linkOps),
  })
  const binding: PortBinding = activation === undefined ? byVifType : new ActiveBinding(byVifType, neutron, activation)
  return {
    bind: (request, call) => binding.bind(request, call),
    unbind: (request, call) => binding.unbind(request, call),
    plugs: call => byVifType.plugs(call),
    close: () => client.close(),
  }
}
