import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { HostNamespaces } from '../hosts/host-namespaces.ts'
import { LongRunning } from '../processes/long-running.ts'
import { provideDebianPackages } from './openstack-packages.ts'

export interface L3AgentPlan {
  hostName: string
  directory: string
  namespaces: HostNamespaces
  transportUrl: string
}

const packages = ['neutron-common', 'iptables', 'conntrack', 'sudo', 'iputils-arping']

/**
 * Starts OpenStack's L3 agent, for routers whose links the Linux bridge agent of the same host wires, and waits until it
 * works. Its routers are network namespaces below the host's own /run/netns, and end with it.
 */
export async function startL3Agent(plan: L3AgentPlan): Promise<LongRunning> {
  await provideDebianPackages(packages)
  const directory = path.join(plan.directory, 'l3-agent')
  await mkdir(path.join(directory, 'lock'), { recursive: true })
  const configuration = path.join(directory, 'agent.conf')
  await writeFile(configuration, configurationText(plan, directory))
  // As for the L2 agent: /sys of its own network namespace.
  const start = `mount -t sysfs sysfs /sys && exec neutron-l3-agent --config-file "$1"`
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
  const agent = await LongRunning.start({
    name: `L3 agent of ${plan.hostName}`,
    program,
    args,
    environment: { PYTHONDONTWRITEBYTECODE: '', ...environment },
    logFile,
  })
  await agent.ready(90_000, async () => (await readFile(logFile, 'utf8')).includes('L3 agent started'))
  return agent
}

function configurationText(plan: L3AgentPlan, directory: string): string {
  return `[DEFAULT]
host = ${plan.hostName}
interface_driver = linuxbridge
enable_metadata_proxy = false
transport_url = ${plan.transportUrl}
state_path = ${directory}
use_stderr = true
rpc_response_timeout = 30
logging_default_format_string = %(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s
[oslo_concurrency]
lock_path = ${directory}/lock
[AGENT]
root_helper =
report_interval = 10
[agent]
extensions = port_forwarding
`
}
