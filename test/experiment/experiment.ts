import { setTimeout as delay } from 'node:timers/promises'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { Lab } from '../lab/lab.ts'

/** One of the experiment's steps: rejects, saying what was expected and what came, if it does not hold. */
export interface Step {
  /** What holds when the step has passed. */
  title: string
  run(experiment: Experiment): Promise<void>
}

/** Tells what is done and what came of it; a test is silent. */
export interface Narrator {
  command(machine: string, commandLine: string, output: string): void
  remark(text: string): void
}

/** The Neutron whose network is shared: where it is, and a call to it. */
export interface NeutronApi {
  machine: string
  url: string
  call: (method: 'GET' | 'POST', resource: string, body?: unknown) => Promise<unknown>
}

/** The experiment under way: its machines, and what earlier steps learnt. */
export class Experiment {
  readonly lab: Lab
  readonly node1: DockerHost
  readonly node2: DockerHost
  /** Who makes one network out of each host's: Docker's cluster store, or kuryr, where Docker has none. */
  readonly sharedBy: 'docker' | 'kuryr'
  /** Whether agents of OpenStack wire the ports, not kuryr itself. */
  readonly wiredByAgents: boolean
  /** The operator's Neutron network, made before Docker's. */
  neutronNetworkId = ''
  /** Docker's id of the network `kuryr`. */
  dockerNetworkId = ''
  readonly #narrator: Narrator
  readonly #neutron: NeutronApi
  #caveat = ''

  constructor(lab: Lab, narrator: Narrator, options: { sharedBy?: 'docker' | 'kuryr'; neutron?: NeutronApi } = {}) {
    this.sharedBy = options.sharedBy ?? 'docker'
    this.lab = lab
    this.node1 = lab.host(1)
    this.node2 = lab.host(2)
    this.wiredByAgents = options.neutron !== undefined
    this.#narrator = narrator
    const embedded: NeutronApi['call'] = (...call) => this.node1.neutron(...call)
    this.#neutron = options.neutron ?? { machine: 'node1', url: 'http://127.0.0.1:9696', call: embedded }
  }

  /** Runs Docker's command line on a host, as a user would, and shows it. @throws ProgramFailed */
  async docker(host: DockerHost, ...args: string[]): Promise<string> {
    const output = (await host.docker(...args)).trimEnd()
    this.#narrator.command(host.name, `docker ${args.map(quoted).join(' ')}`, output)
    return output
  }

  /** What Docker's API of a host says of the network `kuryr`; `undefined` when there is none. Not shown. */
  async inspect(host: DockerHost): Promise<InspectedNetwork | undefined> {
    const { status, body } = await host.api('GET', '/networks/kuryr')
    return status === 200 ? (body as InspectedNetwork) : undefined
  }

  /** Runs kuryr's command line on a host, as a user would, and shows it. @throws ProgramFailed */
  async kuryr(host: DockerHost, ...args: string[]): Promise<string> {
    const output = (await host.kuryrCommand(...args)).trimEnd()
    this.#narrator.command(host.name, `kuryr ${args.map(quoted).join(' ')}`, output)
    return output
  }

  /** Waits until the assertion holds: at once with a cluster store, soon where kuryr shares. @throws what the last attempt threw */
  async comesTrue(assertion: () => Promise<void>): Promise<void> {
    const end = performance.now() + (this.sharedBy === 'docker' ? 0 : 20_000)
    for (;;) {
      try {
        await assertion()
        return
      } catch (error) {
        if (performance.now() >= end) throw error
        await delay(20)
      }
    }
  }

  /** Calls Neutron's API, shown as the command that a user would give. */
  async neutron(method: 'GET' | 'POST', resource: string, body?: unknown): Promise<unknown> {
    const { machine, url } = this.#neutron
    const answer = await this.askNeutron(method, resource, body)
    const data = body === undefined ? '' : ` -d ${quoted(JSON.stringify(body))}`
    this.#narrator.command(machine, `curl -X ${method} ${url}${resource}${data}`, JSON.stringify(answer))
    return answer
  }

  /** As {@link neutron}, without showing it. */
  askNeutron(method: 'GET' | 'POST', resource: string, body?: unknown): Promise<unknown> {
    return this.#neutron.call(method, resource, body)
  }

  /** Docker's keys in etcd, shown. */
  async etcdKeys(): Promise<string[]> {
    const keys = await this.lab.etcd.v2Keys('/docker/network/v1.0')
    this.#narrator.command('etcd', 'etcdctl ls --recursive /docker/network/v1.0', keys.join('\n'))
    return keys
  }

  /** kuryr's keys with the prefix in etcd, shown with their values. */
  async kuryrRecords(prefix: string): Promise<Map<string, string>> {
    const records = await this.lab.etcd.v3Get(prefix)
    const lines = [...records].flatMap(([key, value]) => [key, value])
    this.#narrator.command('etcd', `etcdctl get --prefix ${prefix}`, lines.join('\n'))
    return records
  }

  /** A key of Docker's in etcd, shown and read as JSON. */
  async etcdValue(key: string): Promise<Record<string, unknown>> {
    const value = await this.lab.etcd.v2Get(key)
    this.#narrator.command('etcd', `etcdctl get ${key}`, value)
    return JSON.parse(value) as Record<string, unknown>
  }

  /** Tells a way in which the step that runs differs from the experiment; its verdict repeats it in short. */
  differ(text: string, inShort: string): void {
    this.#narrator.remark(text)
    this.#caveat = ` (${inShort})`
  }

  /** How the step that has just run differed, for its verdict; empty when it did not. */
  takeCaveat(): string {
    const caveat = this.#caveat
    this.#caveat = ''
    return caveat
  }
}

/** `GET /networks/kuryr`, as far as the experiment looks. */
export interface InspectedNetwork {
  Id: string
  Containers: Record<string, { Name: string; EndpointID: string; MacAddress: string; IPv4Address: string }>
  [field: string]: unknown
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
