import type { LongRunning } from '../processes/long-running.ts'
import { type AgentPlace, startNeutronAgent } from './neutron-agent.ts'

export interface L2AgentPlan extends AgentPlace {
  kind: 'linuxbridge' | 'openvswitch'
  /** Its address on the wire, from and to which VXLAN goes. */
  address: string
  /** How the Open vSwitch agent filters; its own conntrack firewall if absent. */
  firewall?: 'openvswitch' | 'iptables_hybrid' | 'noop'
  /** Of the Linux bridge agent: the link by which each physical network is reached; none if absent. */
  physicalNetworks?: Readonly<Record<string, string>>
}

const packages = ['neutron-common', 'iptables', 'ebtables', 'conntrack', 'sudo', 'ethtool']

/** Starts one of OpenStack's L2 agents on a host and waits until it is initialised. */
export function startL2Agent(plan: L2AgentPlan): Promise<LongRunning> {
  const ready = 'Agent initialized successfully'
  const configuration = configurationText(plan)
  return startNeutronAgent(plan, { program: `${plan.kind}-agent`, directory: 'agent', packages, ready, configuration })
}

function configurationText(plan: L2AgentPlan): string {
  const mappings = Object.entries(plan.physicalNetworks ?? {}).map(([network, link]) => `${network}:${link}`)
  const firewall = plan.kind === 'linuxbridge' ? 'iptables' : (plan.firewall ?? 'openvswitch')
  return `[AGENT]
polling_interval = 1
tunnel_types = vxlan
[agent]
tunnel_types = vxlan
[LINUX_BRIDGE]
physical_interface_mappings = ${mappings.join(',')}
[vxlan]
enable_vxlan = true
local_ip = ${plan.address}
vxlan_group = 224.0.0.1
[securitygroup]
enable_security_group = true
firewall_driver = ${firewall}
[OVS]
integration_bridge = br-int
tunnel_bridge = br-tun
bridge_mappings =
local_ip = ${plan.address}
datapath_type = netdev
ovsdb_connection = unix:/run/openvswitch/db.sock
of_listen_address = 127.0.0.1
of_listen_port = 6633
`
}
