import type { LinkOps } from '../host-network/link-ops.ts'
import type { Neutron } from '../neutron/neutron.ts'
import { OvsdbClient } from '../ovsdb/ovsdb-client.ts'
import { BindingByVifType } from './binding-by-vif-type.ts'
import { BridgeBinding } from './bridge/binding.ts'
import { HwVebBinding } from './hw_veb/binding.ts'
import { openIpvlanBinding } from './ipvlan/binding.ts'
import { openMacvlanBinding } from './macvlan/binding.ts'
import { OvsBinding } from './ovs/binding.ts'
import type { PortBinding } from './port-binding.ts'
import { TapBinding } from './tap/binding.ts'
import { VlanBinding, type VlanParts } from './vlan/binding.ts'
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
  /** For a host that is a VM of the cloud: how containers share its interface. Then no agent wires their ports. */
  nested?: NestedOptions
  /** `vif_plugging_is_fatal`: wait until a port is ACTIVE. Left out, `bind` comes back at once. */
  activation?: ActivationOptions
}

export interface NestedOptions {
  kind: 'macvlan' | 'ipvlan' | 'vlan'
  /** The VM's interface. */
  parent: string
  /** Told what the VM's port shall carry. */
  neutron: VlanParts['neutron']
}

/** The port bindings of a host with OpenStack's agents. `close` lets go of connections; plugs stay. */
export interface PortBindings extends PortBinding {
  close(): Promise<void>
}

/** All bindings that plug ports for OpenStack's L2 agents and OVN, by `binding:vif_type`. Opens no connection yet. */
export function openPortBindings(options: PortBindingsOptions): PortBindings {
  const { linkOps, neutron, nested, activation } = options
  const client = new OvsdbClient({ ...options.ovsdb, database: 'Open_vSwitch' })
  const plain = nested === undefined ? openByVifType(linkOps, client) : openNested(linkOps, nested)
  const binding: PortBinding = activation === undefined ? plain : new ActiveBinding(plain, neutron, activation)
  return {
    bind: (request, call) => binding.bind(request, call),
    unbind: (request, call) => binding.unbind(request, call),
    plugs: async call => (await plain.plugs?.(call)) ?? [],
    close: () => client.close(),
    ...(plain.isOnAnyHost === true && { isOnAnyHost: true }),
  }
}

function openByVifType(linkOps: LinkOps, client: OvsdbClient): PortBinding {
  return new BindingByVifType({
    bridge: new BridgeBinding(linkOps),
    ovs: new OvsBinding(linkOps, client),
    tap: new TapBinding(linkOps),
    hw_veb: new HwVebBinding(linkOps),
  })
}

/** Whatever vif type Neutron gives the port: nobody but the VM's own hypervisor wires anything. */
function openNested(linkOps: LinkOps, { kind, ...rest }: NestedOptions): PortBinding {
  const parts = { linkOps, ...rest }
  if (kind === 'vlan') return new VlanBinding(parts)
  return kind === 'macvlan' ? openMacvlanBinding(parts) : openIpvlanBinding(parts)
}
