import type { CloudOptions } from '../lab/openstack/cloud.ts'

/** A way to wire ports, and the vif type that Neutron's mechanism driver gives for it. */
export interface Kind extends CloudOptions {
  kind: string
  vifType: string
}

export const linuxbridge: Kind = { kind: 'linuxbridge agent', agents: 'linuxbridge', vifType: 'bridge' }
export const openvswitch: Kind = { kind: 'Open vSwitch agent', agents: 'openvswitch', vifType: 'ovs' }
export const hybrid: Kind = {
  kind: 'Open vSwitch agent, iptables',
  agents: 'openvswitch',
  firewall: 'iptables_hybrid',
  vifType: 'ovs',
}
export const ovn: Kind = { kind: 'OVN', agents: 'ovn', vifType: 'ovs' }
