import path from 'node:path'
import type { Port } from '../../../src/neutron/resources.ts'
import type { DockerHost } from '../hosts/docker-host.ts'
import { addToWire } from '../hosts/wire.ts'
import type { Lab } from '../lab.ts'
import { withProgress } from '../processes/progress.ts'
import { outputOf } from '../processes/run-program.ts'
import { waitUntil } from '../processes/wait-until.ts'
import { labMark, namespaceName } from '../remains/lab-record.ts'
import { CloudApi } from './cloud-api.ts'
import { type L2AgentPlan, startL2Agent } from './l2-agent.ts'
import { startMariaDb } from './mariadb.ts'
import { OpenVSwitch } from './open-vswitch.ts'
import { type NetworkNode, startNetworkNode } from './network-node.ts'
import { type OpenStack, type OpenStackOptions, startOpenStack } from './openstack.ts'
import { provideDebianPackages } from './openstack-packages.ts'
import { ovnMl2Ini, startOvnCentral, startOvnController } from './ovn.ts'
import { startRabbitMq } from './rabbitmq.ts'
import type { ServicePlace } from './service-place.ts'

export interface CloudOptions {
  /** What wires ports on the lab's hosts; nothing on hosts that are VMs of the cloud. */
  agents: L2AgentPlan['kind'] | 'ovn' | 'none'
  /** Of the Open vSwitch agent. */
  firewall?: L2AgentPlan['firewall']
  /** Whether there is a machine for routers, and one outside of the cloud; with the linuxbridge agent only. */
  routers?: boolean
}

const controller = { name: 'controller', address: '10.8.65.78' }

/**
 * A whole OpenStack network service around the hosts of a lab: Keystone, Neutron, RabbitMQ and MariaDB on the machine
 * `controller`, an L2 agent on each host. It ends with the lab.
 */
export class Cloud {
  readonly openstack: OpenStack
  readonly api: CloudApi
  readonly switches: ReadonlyMap<DockerHost, OpenVSwitch>
  /** Where routers are, if the cloud has any. */
  readonly networkNode: NetworkNode | undefined

  constructor(parts: Pick<Cloud, 'openstack' | 'api' | 'switches' | 'networkNode'>) {
    this.openstack = parts.openstack
    this.api = parts.api
    this.switches = parts.switches
    this.networkNode = parts.networkNode
  }

  /** The port as Neutron has it now. */
  async port(id: string): Promise<Port> {
    return ((await this.api.call('GET', `/v2.0/ports/${id}`)) as { port: Port }).port
  }

  /** All of a kind, such as `ports`, that the query lets through. */
  async list(kind: string, query = ''): Promise<unknown[]> {
    return ((await this.api.call('GET', `/v2.0/${kind}?${query}`)) as Record<string, unknown[]>)[kind] ?? []
  }

  /** `[neutron]` of kuryr.conf, with a password. */
  get kuryrOptions(): Record<string, string> {
    return {
      auth_type: 'password',
      auth_url: this.openstack.keystone?.url ?? '',
      username: 'kuryr',
      password: 'kuryr',
      project_name: 'service',
      user_domain_id: 'default',
      project_domain_id: 'default',
    }
  }
}

/** Starts the cloud and waits until Neutron sees an agent alive on each host. */
export async function startCloud(lab: Lab, options: CloudOptions): Promise<Cloud> {
  const place = await placeOf(lab)
  const hasSwitches = options.agents === 'openvswitch' || options.agents === 'ovn'
  if (hasSwitches) {
    await provideDebianPackages(['ethtool'])
    await finishChecksums(lab)
  }
  const { settings, startAgent, startRouters } = await plan(place, options)
  const ports = { neutron: 9696, keystone: 5000 }
  const openstack = await startOpenStack({ place, ports, databaseIsFilled: true, ...settings })
  const api = new CloudApi(place, openstack)
  const switches = new Map<DockerHost, OpenVSwitch>()
  const startHost = async (host: DockerHost): Promise<void> => {
    const openVSwitch = hasSwitches ? await startSwitch(host) : undefined
    if (openVSwitch) switches.set(host, openVSwitch)
    await startAgent(host, openVSwitch)
  }
  const [networkNode] = await withProgress('starting agents', () =>
    Promise.all([startRouters?.(lab, api), Promise.all(lab.hosts.map(startHost))]),
  )
  await waitUntil('agents are not alive in Neutron', 60_000, async () => {
    const expected = (options.agents === 'none' ? 0 : lab.hosts.length) + (networkNode ? 1 : 0)
    return (await api.aliveAgents()).length === expected ? true : undefined
  })
  return new Cloud({ openstack, api, switches, networkNode })
}

type Unset<T> = { [Key in keyof T]: T[Key] | undefined }

/** How neutron-server is set up, and how the agent of a host is started. */
interface CloudPlan {
  settings: Omit<OpenStackOptions, 'place'>
  startAgent: (host: DockerHost, openVSwitch: OpenVSwitch | undefined) => Promise<unknown>
  startRouters?: (lab: Lab, api: CloudApi) => Promise<NetworkNode>
}

async function plan(place: ServicePlace, { agents, firewall, routers }: CloudOptions): Promise<CloudPlan> {
  if (agents === 'ovn') return planOvn(place)
  if (agents !== 'none') return planAgents(place, { kind: agents, firewall, routers })
  return { settings: { database: await startMariaDb(place) }, startAgent: () => Promise.resolve() }
}

async function planAgents(
  place: ServicePlace,
  {
    kind,
    firewall,
    routers = false,
  }: { kind: L2AgentPlan['kind'] } & Unset<Pick<CloudOptions, 'firewall' | 'routers'>>,
): Promise<CloudPlan> {
  const [transportUrl, database] = await Promise.all([startRabbitMq(place), startMariaDb(place)])
  return {
    settings: {
      ...{ transportUrl, database, mechanismDrivers: [kind] },
      ...(routers && { servicePlugins: ['router', 'port_forwarding'] }),
    },
    startAgent: ({ name: hostName, address, directory, namespaces }) =>
      startL2Agent({ kind, hostName, address, directory, namespaces, transportUrl, ...(firewall && { firewall }) }),
    ...(routers && { startRouters: (lab, api) => startNetworkNode(lab, api, transportUrl) }),
  }
}

async function planOvn(place: ServicePlace): Promise<CloudPlan> {
  const [central, database] = await Promise.all([startOvnCentral(place), startMariaDb(place)])
  return {
    settings: {
      database,
      mechanismDrivers: ['ovn'],
      servicePlugins: ['ovn-router'],
      // The driver shares OVN's events out among the workers, and waits for as many as there are.
      moreNeutronConf: '[DEFAULT]\napi_workers = 1',
      moreMl2Ini: ovnMl2Ini(central),
    },
    startAgent: async (host, openVSwitch) => openVSwitch && startOvnController(host, openVSwitch, central),
  }
}

async function startSwitch({ name: hostName, address, directory, namespaces }: DockerHost): Promise<OpenVSwitch> {
  const openVSwitch = new OpenVSwitch({ hostName, directory: path.join(directory, 'openvswitch'), namespaces })
  await openVSwitch.start()
  await openVSwitch.takeUnderlay(address)
  return openVSwitch
}

async function placeOf(lab: Lab): Promise<ServicePlace> {
  await addToWire(lab.id, controller)
  return {
    directory: path.join(lab.directory, controller.name),
    address: controller.address,
    namespace: namespaceName(lab.id, controller.name),
    environment: { [labMark]: lab.id },
  }
}

/**
 * Open vSwitch's userspace datapath reads packets before their checksums are finished, and TCP from the other machines
 * would not arrive: they shall finish them.
 */
async function finishChecksums(lab: Lab): Promise<void> {
  for (const machine of [controller.name, 'etcd']) {
    const inNamespace = [`--net=/run/netns/${namespaceName(lab.id, machine)}`, '--']
    await outputOf('nsenter', [...inNamespace, 'ethtool', '-K', 'eth0', 'tx', 'off'])
  }
}
