import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LongRunning } from '../processes/long-running.ts'
import type { HostNamespaces } from '../hosts/host-namespaces.ts'
import { provideDebianPackages } from './openstack-packages.ts'

export interface L2AgentPlan {
  kind: 'linuxbridge' | 'openvswitch'
  hostName: string
  /** Its address on the wire, from and to which VXLAN goes. */
  address: string
  directory: string
  namespaces: HostNamespaces
  transportUrl: string
  /** How the Open vSwitch agent filters; its own conntrack firewall if absent. */
  firewall?: 'openvswitch' | 'iptables_hybrid' | 'noop'
  /** Of the Linux bridge agent: the link by which each physical network is reached; none if absent. */
  physicalNetworks?: Readonly<Record<string, string>>
}

const packages = ['neutron-common', 'iptables', 'ebtables', 'conntrack', 'sudo', 'ethtool']

/**
 * Starts one of OpenStack's L2 agents on a host and waits until it is initialised. It is root already, and runs its
 * helpers by sudo.
 */
export async function startL2Agent(plan: L2AgentPlan): Promise<LongRunning> {
  await provideDebianPackages(packages)
  const directory = path.join(plan.directory, 'agent')
  await mkdir(path.join(directory, 'lock'), { recursive: true })
  const configuration = path.join(directory, 'agent.conf')
  await writeFile(configuration, configurationText(plan, directory))
  // It looks for taps in /sys/class/net, which shows the namespace in which it was mounted.
  const start = `mount -t sysfs sysfs /sys && exec neutron-${plan.kind}-agent --config-file "$1"`
  const { program, args, environment } = plan.namespaces.enter([
    'unshare',
    '--mount',
    'sh',
    '-c',
    start,
    'sh',
    configuration,
  ])
  const logFile = path.join(directory, 'agent.log')
  const name = `${plan.kind} agent of ${plan.hostName}`
  const agent = await LongRunning.start({
    name,
    program,
    args,
    environment: { PYTHONDONTWRITEBYTECODE: '', ...environment },
    logFile,
  })
  await agent.ready(90_000, async () => (await readFile(logFile, 'utf8')).includes('Agent initialized successfully'))
  return agent
}

function configurationText(plan: L2AgentPlan, directory: string): string {
  const mappings = Object.entries(plan.physicalNetworks ?? {}).map(([network, link]) => `${network}:${link}`)
  const firewall = plan.kind === 'linuxbridge' ? 'iptables' : (plan.firewall ?? 'openvswitch')
  return `[DEFAULT]
host = ${plan.hostName}
auth_strategy = noauth
transport_url = ${plan.transportUrl}
state_path = ${directory}
use_stderr = true
rpc_response_timeout = 30
logging_default_format_string = %(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s
[oslo_concurrency]
lock_path = ${directory}/lock
[AGENT]
root_helper =
polling_interval = 1
report_interval = 10
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
