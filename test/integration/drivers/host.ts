import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { loadConfig } from '../../../src/config/load-config.ts'
import { machineWith } from '../../../src/config/testing/machine.ts'
import type { RetryLater } from '../../../src/concurrency/retry-later.ts'
import { openDrivers, openRetryLater } from '../../../src/daemon/drivers.ts'
import { openPluginServer, type PluginServer } from '../../../src/docker-plugin/plugin-server.ts'
import type { Fabric } from '../../../src/fabric/fabric.ts'
import { openFabric } from '../../../src/fabric/open-fabric.ts'
import { IprouteLinkOps } from '../../../src/host-network/iproute/iproute-link-ops.ts'
import type { NeutronService } from '../../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import type { Neutron } from '../../../src/neutron/neutron.ts'
import { BindingByVifType } from '../../../src/port-binding/binding-by-vif-type.ts'
import { FabricBinding } from '../../../src/port-binding/fabric/binding.ts'
import type { Store } from '../../../src/store/store.ts'
import { silentLog } from '../../contract/neutron-stores.ts'
import { inNamespace, run, runPrefix } from './namespaces.ts'
import { Docker } from './docker.ts'
import { send } from './plugin-client.ts'

interface Daemon {
  service: NeutronService
  fabric: Fabric
  server: PluginServer
  later: RetryLater
}

export interface HostOptions {
  /** Stands between the drivers and the network service. */
  through?: (neutron: Neutron) => Neutron
  /** Seconds. */
  callTimeout?: number
}

/** A Docker host: a namespace, the real drivers behind a real plugin socket, and a dockerd that talks to it. */
export class Host {
  readonly name: string
  readonly docker: Docker
  readonly #store: Store
  readonly #options: HostOptions
  readonly #directory: string
  #daemon: Daemon | undefined

  private constructor(name: string, store: Store, options: HostOptions, directory: string) {
    this.name = name
    this.#store = store
    this.#options = options
    this.#directory = directory
    this.docker = new Docker((method, message) => this.call(method, message))
  }

  static async open(name: string, store: Store, options: HostOptions = {}): Promise<Host> {
    await run('ip', 'netns', 'add', `${runPrefix}${name}`)
    await inNamespace(`${runPrefix}${name}`, 'ip', 'link', 'set', 'dev', 'lo', 'up')
    const host = new Host(name, store, options, await mkdtemp(join(tmpdir(), 'kuryr-drivers-')))
    await host.start()
    return host
  }

  /** The network service as this host's daemon has it. */
  get neutron(): NeutronService {
    return this.#running.service
  }

  get #running(): Daemon {
    if (!this.#daemon) throw new Error(`the daemon of ${this.name} is down`)
    return this.#daemon
  }

  async start(): Promise<void> {
    const log = silentLog
    const { name } = this
    const service = openNeutronService({ store: this.#store, host: name, log, defaultMtu: 1450 })
    await service.registerAgent({ tunnelingIp: '', version: 'test' })
    const fabric = openFabric({
      linkOps: new IprouteLinkOps({ hostNamespace: `${runPrefix}${name}` }),
      view: service.view,
      host: name,
      localAddress: undefined,
      vxlanPort: 4789,
      log,
      namespacePrefix: `${runPrefix}${name}-`,
    })
    await fabric.start()
    const { config } = loadConfig({ set: [`DEFAULT.host=${name}`] }, machineWith({}))
    const binding = new BindingByVifType({ fabric: new FabricBinding(fabric) })
    const neutron = this.#options.through?.(service) ?? service
    const later = openRetryLater(pino({ level: 'silent' }))
    const server = openPluginServer({
      ...openDrivers(config, { kind: 'embedded', access: undefined, exposure: undefined, neutron, binding, later }),
      log: pino({ level: 'silent' }),
      callTimeout: this.#options.callTimeout ?? 20,
    })
    await server.listen(`unix://${this.#socket}`)
    this.#daemon = { service, fabric, server, later }
  }

  get #socket(): string {
    return join(this.#directory, 'kuryr.sock')
  }

  /** A new process on the same store: all that the old one remembered is forgotten. */
  async restart(): Promise<void> {
    await this.#stop()
    await this.start()
  }

  call(method: string, message: object): Promise<unknown> {
    return send(this.#socket, method, message)
  }

  /** Resolves when nothing is left to be done behind the scenes. */
  settled(): Promise<void> {
    return this.#running.later.settled()
  }

  /** Interfaces of ours in the host's namespace, and namespaces of networks. */
  async plugged(): Promise<string[]> {
    const links = await inNamespace(`${runPrefix}${this.name}`, 'ip', '-br', 'link')
    const spaces = await run('ip', 'netns', 'list')
    return [
      ...links.matchAll(/^(?:tap|t_c)\S+/gm),
      ...spaces.matchAll(new RegExp(`^${runPrefix}${this.name}-\\S+`, 'gm')),
    ].map(([text]) => text)
  }

  /** `ip link show` of an interface in the host's namespace. */
  show(link: string): Promise<string> {
    return inNamespace(`${runPrefix}${this.name}`, 'ip', 'link', 'show', 'dev', link)
  }

  async #stop(): Promise<void> {
    const { server, later, fabric, service } = this.#running
    this.#daemon = undefined
    await server.close()
    await later.close()
    await fabric.stop()
    await service.close()
  }

  async close(): Promise<void> {
    if (this.#daemon) await this.#stop()
    await rm(this.#directory, { recursive: true })
  }
}
