import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

/** An L2 agent that only Neutron's database knows. */
export interface AgentRow {
  /** The host's name, as in `binding:host_id`. */
  host: string
  type: 'linuxbridge' | 'openvswitch'
  tunnelingIp: string
}

const kinds = {
  linuxbridge: {
    agentType: 'Linux bridge agent',
    more: { interface_mappings: {} },
  },
  openvswitch: {
    agentType: 'Open vSwitch agent',
    more: {
      integration_bridge: 'br-int',
      ovs_hybrid_plug: false,
      ovs_capabilities: { datapath_types: ['netdev', 'system'], iface_types: [] },
      datapath_type: 'system',
      vhostuser_socket_dir: '/var/run/openvswitch',
    },
  },
}

/**
 * Writes agents that are alive for ever into Neutron's SQLite database, so that ML2 binds ports on their hosts
 * (`vif_type` `bridge` or `ovs`) though no agent runs; such a port stays DOWN. Without any, binding a port takes Neutron
 * ten tries and ends in `binding_failed`.
 */
export function addAgentRows(database: string, agents: readonly AgentRow[]): void {
  const sqlite = new DatabaseSync(database, { timeout: 10_000 })
  const columns =
    'id, agent_type, binary, topic, host, admin_state_up, created_at, started_at, heartbeat_timestamp, configurations, load'
  const insert = sqlite.prepare(
    `insert or replace into agents (${columns}) values (?, ?, ?, 'N/A', ?, 1, datetime('now'), datetime('now'), '2099-01-01 00:00:00.000000', ?, 0)`,
  )
  for (const { host, type, tunnelingIp } of agents) {
    const { agentType, more } = kinds[type]
    const configurations = {
      bridge_mappings: {},
      tunnel_types: ['vxlan'],
      tunneling_ip: tunnelingIp,
      l2_population: false,
      devices: 0,
      extensions: [],
      ...more,
    }
    insert.run(randomUUID(), agentType, `neutron-${type}-agent`, host, JSON.stringify(configurations))
  }
  sqlite.close()
}
