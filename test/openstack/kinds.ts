import type { CloudOptions } from '../lab/openstack/cloud.ts'

/** The ways to wire ports that are run for real, and the vif type that Neutron's mechanism driver gives for each. */
export const kinds: (CloudOptions & { kind: string; vifType: string })[] = [
  { kind: 'linuxbridge agent', agents: 'linuxbridge', vifType: 'bridge' },
  { kind: 'Open vSwitch agent', agents: 'openvswitch', vifType: 'ovs' },
  { kind: 'Open vSwitch agent, iptables', agents: 'openvswitch', firewall: 'iptables_hybrid', vifType: 'ovs' },
]
