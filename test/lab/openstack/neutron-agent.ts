import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { HostNamespaces } from '../hosts/host-namespaces.ts'
import { LongRunning } from '../processes/long-running.ts'
import { provideDebianPackages } from './openstack-packages.ts'

/** Where an agent of Neutron's runs, and what it talks to. */
export interface AgentPlace {
  hostName: string
  /** The host's; the agent makes one of its own below. */
  directory: string
  namespaces: HostNamespaces
  transportUrl: string
}

export interface AgentProgram {
  /** Its executable without `neutron-`: `l3-agent`. */
  program: string
  /** The name of its directory. */
  directory: string
  packages: readonly string[]
  /** What its log says when it works. */
  ready: string
  /** Its own part of the configuration, after `[DEFAULT]`. */
  configuration: string
}

/** Starts an agent of Neutron's on a host and waits until it works. It is root already, and runs its helpers by sudo. */
export async function startNeutronAgent(place: AgentPlace, agent: AgentProgram): Promise<LongRunning> {
  await provideDebianPackages(agent.packages)
  const directory = path.join(place.directory, agent.directory)
  await mkdir(path.join(directory, 'lock'), { recursive: true })
  const configuration = path.join(directory, 'agent.conf')
  await writeFile(configuration, configurationText(place, directory, agent.configuration))
  // It looks for links in /sys/class/net, which shows the namespace in which it was mounted.
  const start = 'mount -t sysfs sysfs /sys && exec "neutron-$1" --config-file "$2"'
  const { program, args, environment } = place.namespaces.enter([
    'unshare',
    ...['--mount', 'sh', '-c', start, 'sh', agent.program, configuration],
  ])
  const logFile = path.join(directory, 'agent.log')
  const running = await LongRunning.start({
    name: `${agent.program} of ${place.hostName}`,
    program,
    args,
    environment: { PYTHONDONTWRITEBYTECODE: '', ...environment },
    logFile,
  })
  await running.ready(90_000, async () => (await readFile(logFile, 'utf8')).includes(agent.ready))
  return running
}

/** oslo.config takes a section in several parts. */
function configurationText({ hostName, transportUrl }: AgentPlace, directory: string, own: string): string {
  return `[DEFAULT]
host = ${hostName}
auth_strategy = noauth
transport_url = ${transportUrl}
state_path = ${directory}
use_stderr = true
rpc_response_timeout = 30
logging_default_format_string = %(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s
[oslo_concurrency]
lock_path = ${directory}/lock
[AGENT]
root_helper =
report_interval = 10
${own}`
}
