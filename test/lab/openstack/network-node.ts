import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { HostNamespaces } from '../hosts/host-namespaces.ts'
import { addToWire } from '../hosts/wire.ts'
import type { Lab } from '../lab.ts'
import { outputOf, type ProgramResult, runProgram } from '../processes/run-program.ts'
import { namespaceName } from '../remains/lab-record.ts'
import type { CloudApi } from './cloud-api.ts'
import { startL2Agent } from './l2-agent.ts'
import { startL3Agent } from './l3-agent.ts'

const machine = { name: 'network', address: '10.8.65.77' }
const outside = { name: 'outside', address: '203.0.113.1' }
const physicalNetwork = 'physnet1'
const link = 'ext0'

/** The machine of a cloud that has its routers, and a machine outside of the cloud that can reach them. */
export class NetworkNode {
  readonly namespaces: HostNamespaces
  readonly #labId: string
  readonly #api: CloudApi

  constructor(labId: string, namespaces: HostNamespaces, api: CloudApi) {
    this.#labId = labId
    this.namespaces = namespaces
    this.#api = api
  }

  /** Runs a program on the machine outside. */
  fromOutside(...command: [string, ...string[]]): Promise<ProgramResult> {
    return runProgram('nsenter', [`--net=/run/netns/${namespaceName(this.#labId, outside.name)}`, '--', ...command])
  }

  /** Makes the external network that the machine outside is in, and returns its id. Once per cloud. */
  async makeExternalNetwork(): Promise<string> {
    const network = { name: 'outside', 'router:external': true, 'provider:network_type': 'flat' }
    const id = await this.#make('network', { ...network, 'provider:physical_network': physicalNetwork })
    const pool = { start: '203.0.113.10', end: '203.0.113.99' }
    const subnet = { ip_version: 4, cidr: '203.0.113.0/24', gateway_ip: outside.address, allocation_pools: [pool] }
    await this.#make('subnet', { ...subnet, network_id: id, enable_dhcp: false })
    return id
  }

  /** Makes a router from the external network to these subnets, as their gateway. */
  async makeRouter(externalNetwork: string, subnets: readonly string[]): Promise<string> {
    const id = await this.#make('router', { external_gateway_info: { network_id: externalNetwork } })
    for (const subnet_id of subnets) {
      await this.#api.call('PUT', `/v2.0/routers/${id}/add_router_interface`, { subnet_id })
    }
    return id
  }

  async #make(kind: string, body: object): Promise<string> {
    const made = await this.#api.call('POST', `/v2.0/${kind}s`, { [kind]: body })
    return (made as Record<string, { id: string }>)[kind]?.id ?? ''
  }
}

/** Puts the two machines beside a lab's hosts, and starts the agents of the first. Routers need time after it. */
export async function startNetworkNode(lab: Lab, api: CloudApi, transportUrl: string): Promise<NetworkNode> {
  await addToWire(lab.id, machine)
  const namespaces = await HostNamespaces.make(lab.id, machine.name)
  const client = namespaceName(lab.id, outside.name)
  const batch = `netns add ${client}
link add ${link} netns ${namespaceName(lab.id, machine.name)} type veth peer name eth0 netns ${client}
`
  await outputOf('ip', ['-batch', '-'], { input: batch })
  const up = `link set lo up\nlink set eth0 up\naddr add ${outside.address}/24 dev eth0\n`
  await outputOf('ip', ['-n', client, '-batch', '-'], { input: up })
  await namespaces.output(['ip', 'link', 'set', link, 'up'])
  const directory = path.join(lab.directory, machine.name)
  await mkdir(directory, { recursive: true })
  const plan = { hostName: machine.name, directory, namespaces, transportUrl }
  await Promise.all([
    startL2Agent({
      ...plan,
      kind: 'linuxbridge',
      address: machine.address,
      physicalNetworks: { [physicalNetwork]: link },
    }),
    startL3Agent(plan),
  ])
  return new NetworkNode(lab.id, namespaces, api)
}
