import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { loadConfig } from '../../../src/config/load-config.ts'
import { machineWith } from '../../../src/config/testing/machine.ts'
import type { RetryLater } from '../../../src/concurrency/retry-later.ts'
import { openDrivers, openPortExposure, openRetryLater } from '../../../src/daemon/drivers.ts'
import type { PortExposure } from '../../../src/port-access/port-exposure.ts'
import { openPluginServer, type PluginServer } from '../../../src/docker-plugin/plugin-server.ts'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import type { Cloud } from '../../../src/keystone/cloud.ts'
import { type OpenStackNeutron, openOpenStackNeutron } from '../../../src/openstack-neutron/open-openstack-neutron.ts'
import { openPortBindings, type PortBindings } from '../../../src/port-binding/open-port-bindings.ts'
import { PortOutcomes } from '../../../src/port-access/port-outcomes.ts'
import { Docker } from '../drivers/docker.ts'
import { inNamespace, run, runPrefix } from '../drivers/namespaces.ts'
import { send } from '../drivers/plugin-client.ts'

export interface HostOptions {
  /** Seconds after which the plugin gives up a call. */
  callTimeout?: number
  /** Milliseconds for which is looked for what a request made whose answer was lost. */
  settledAfter?: number
  /** Milliseconds that a group of exposed ports without a port of this host is kept; a minute if absent. */
  keptFor?: number
  /** Options of kuryr.conf: `DEFAULT.process_external_connectivity=false`. */
  set?: readonly string[]
}

interface Daemon {
  neutron: OpenStackNeutron
  binding: PortBindings
  later: RetryLater
  exposure: PortExposure | undefined
  server: PluginServer
}

/** A Docker host on OpenStack: a namespace, the real drivers behind a real plugin socket, and a dockerd that talks to it. */
export class OpenStackHost {
  readonly name: string
  readonly docker: Docker
  /** What became of ports that containers asked to publish: `forwarded 2`. */
  readonly outcomes: string[] = []
  readonly #options: HostOptions & { cloud: Cloud }
  readonly #directory: string
  #daemon: Daemon | undefined

  private constructor(name: string, options: HostOptions & { cloud: Cloud }, directory: string) {
    this.name = name
    this.#options = options
    this.#directory = directory
    this.docker = new Docker((method, message) => this.call(method, message))
  }

  /** Its plugs are in a network namespace, which `removeNamespaces` removes. */
  static async open(name: string, cloud: Cloud, options: HostOptions = {}): Promise<OpenStackHost> {
    await run('ip', 'netns', 'add', `${runPrefix}${name}`)
    await inNamespace(`${runPrefix}${name}`, 'ip', 'link', 'set', 'dev', 'lo', 'up')
    const host = new OpenStackHost(name, { cloud, ...options }, await mkdtemp(join(tmpdir(), 'kuryr-openstack-host-')))
    await host.start()
    return host
  }

  /** OpenStack as this host's daemon has it. */
  get neutron(): OpenStackNeutron {
    return this.#running.neutron
  }

  get #running(): Daemon {
    if (!this.#daemon) throw new Error(`the daemon of ${this.name} is down`)
    return this.#daemon
  }

  async start(): Promise<void> {
    const log = pino({ level: 'silent' })
    const neutron = openOpenStackNeutron(this.#options.cloud, log, this.#options)
    const linkOps = new IprouteLinkOps({ hostNamespace: `${runPrefix}${this.name}` })
    const binding = openPortBindings({ linkOps, ovsdb: { address: 'unix:/nonexistent' }, neutron })
    const { config } = loadConfig({ set: [`DEFAULT.host=${this.name}`, ...(this.#options.set ?? [])] }, machineWith({}))
    const later = openRetryLater(log)
    const { access } = neutron
    const { keptFor } = this.#options
    const keeping = keptFor === undefined ? {} : { keptFor }
    const exposure = openPortExposure(config, { neutron, access, later, log, ...keeping })
    const portOutcomes = new PortOutcomes((outcome, ports) => this.outcomes.push(`${outcome} ${ports}`))
    const parts = { neutron, access, binding, later, exposure, portOutcomes }
    const drivers = openDrivers(config, { kind: 'openstack', ...parts })
    const server = openPluginServer({ ...drivers, log, callTimeout: this.#options.callTimeout ?? 20 })
    await server.listen(`unix://${this.#socket}`)
    this.#daemon = { neutron, binding, later, exposure, server }
  }

  get #socket(): string {
    return join(this.#directory, 'kuryr.sock')
  }

  /** Milliseconds that the slowest call took until now. */
  slowest = 0

  async call(method: string, message: object): Promise<unknown> {
    const start = performance.now()
    try {
      return await send(this.#socket, method, message)
    } finally {
      this.slowest = Math.max(this.slowest, performance.now() - start)
    }
  }

  /** As the daemon's start does it, at another time. */
  async sweepExposedGroups(now: number): Promise<void> {
    await this.#running.exposure?.sweep(now, {})
  }

  /** A new process: all that the old one remembered is forgotten. */
  async restart(): Promise<void> {
    await this.#stop()
    await this.start()
  }

  /** Resolves when nothing is left to be taken back behind the scenes. */
  async settled(): Promise<void> {
    await this.#running.later.settled()
    await this.neutron.settled()
  }

  /** Interfaces of ours in the host's namespace. */
  async plugged(): Promise<string[]> {
    const links = await inNamespace(`${runPrefix}${this.name}`, 'ip', '-br', 'link')
    return [...links.matchAll(/^(?:tap|t_c)\S+/gm)].map(([text]) => text)
  }

  async #stop(): Promise<void> {
    const { server, binding, later, exposure, neutron } = this.#running
    this.#daemon = undefined
    await server.close()
    await exposure?.close()
    await later.close()
    await binding.close()
    await neutron.close()
  }

  async close(): Promise<void> {
    if (this.#daemon) await this.#stop()
    await rm(this.#directory, { recursive: true })
  }
}
