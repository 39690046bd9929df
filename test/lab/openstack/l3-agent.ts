import type { LongRunning } from '../processes/long-running.ts'
import { type AgentPlace, startNeutronAgent } from './neutron-agent.ts'

const packages = ['neutron-common', 'iptables', 'conntrack', 'sudo', 'iputils-arping']

const configuration = `[DEFAULT]
interface_driver = linuxbridge
enable_metadata_proxy = false
[agent]
extensions = port_forwarding
`

/**
 * Starts OpenStack's L3 agent, for routers whose links the Linux bridge agent of the same host wires, and waits until it
 * works. Its routers are network namespaces below the host's own /run/netns, and end with it.
 */
export function startL3Agent(place: AgentPlace): Promise<LongRunning> {
  const ready = 'L3 agent started'
  return startNeutronAgent(place, { program: 'l3-agent', directory: 'l3-agent', packages, ready, configuration })
}
