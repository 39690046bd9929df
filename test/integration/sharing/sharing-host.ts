import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { RetryLater } from '../../../src/concurrency/retry-later.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { machineWith } from '../../../src/config/testing/machine.ts'
import { openDrivers, openRetryLater } from '../../../src/daemon/drivers.ts'
import { protocolMethods } from '../../../src/docker-plugin/protocol-methods.ts'
import { Memberships } from '../../../src/network-sharing/memberships.ts'
import type { NetworkSharing } from '../../../src/network-sharing/network-sharing.ts'
import { openNetworkSharing } from '../../../src/network-sharing/open-network-sharing.ts'
import type { SharedRecords } from '../../../src/network-sharing/shared-records.ts'
import { StoreRecords } from '../../../src/network-sharing/store-records/store-records.ts'
import { TagRecords } from '../../../src/network-sharing/tag-records/tag-records.ts'
import type { NeutronService } from '../../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import type { PortBinding } from '../../../src/port-binding/port-binding.ts'
import type { Store } from '../../../src/store/store.ts'
import { silentLog } from '../../contract/neutron-stores.ts'
import { Docker } from '../drivers/docker.ts'
import { DockerError } from '../drivers/plugin-client.ts'
import { PlayedEngine } from './played-engine.ts'

/** Plugs nothing: what sharing decides does not depend on the kernel. */
const noBinding: PortBinding = {
  bind: () => Promise.resolve({ containerInterface: 't_c0', wired: true }),
  unbind: () => Promise.resolve(),
}

interface Daemon {
  service: NeutronService
  sharing: NetworkSharing
  later: RetryLater
  call: (method: string, message: object) => Promise<unknown>
}

/** The store of one cluster's embedded Neutron, and that of its shared records: a store too, or Neutron's own tags. */
export interface ClusterStores {
  neutron: Store
  records: Store | 'tags'
}

/** A Docker host: the real drivers, sharing and embedded Neutron in this process, beside a dockerd that is played. */
export class SharingHost {
  readonly name: string
  readonly engine: PlayedEngine
  readonly #stores: ClusterStores
  readonly #directory: string
  #daemon: Daemon | undefined

  private constructor(name: string, stores: ClusterStores, directory: string) {
    this.name = name
    this.#stores = stores
    this.#directory = directory
    this.engine = new PlayedEngine(new Docker((method, message) => this.#call(method, message)))
  }

  static async open(name: string, stores: ClusterStores): Promise<SharingHost> {
    const host = new SharingHost(name, stores, await mkdtemp(join(tmpdir(), 'kuryr-sharing-')))
    host.start()
    return host
  }

  get up(): boolean {
    return this.#daemon !== undefined
  }

  get sharing(): NetworkSharing {
    return this.#running.sharing
  }

  get neutron(): NeutronService {
    return this.#running.service
  }

  start(): void {
    const { name } = this
    const service = openNeutronService({ store: this.#stores.neutron, host: name, log: silentLog, defaultMtu: 1450 })
    const log = pino({ level: process.env.KURYR_TEST_LOG ?? 'silent', base: { host: name } })
    const sharing = openNetworkSharing({
      access: undefined,
      engine: this.engine.client(),
      records: this.#openRecords(service),
      neutron: service,
      log,
      ready: service.registerAgent({ tunnelingIp: '', version: 'test' }).then(() => undefined),
      distrust: () => service.problem,
      onStep: () => undefined,
      options: {
        ...{ host: name, driver: 'kuryr', via: 'replica', namespace: 'default', version: 'test' },
        ...{ statePath: this.#directory, networks: ['*'], hosts: ['*'], interval: 0.2, portPatience: 300 },
      },
    })
    const { config } = loadConfig({ set: [`DEFAULT.host=${name}`] }, machineWith({}))
    const later = openRetryLater(log)
    const drivers = openDrivers(config, {
      kind: 'embedded',
      access: undefined,
      exposure: undefined,
      neutron: service,
      binding: noBinding,
      later,
    })
    const shared = {
      networkDriver: sharing.networkDriver(drivers.networkDriver),
      ipamDriver: sharing.ipamDriver(drivers.ipamDriver),
    }
    const call = async (method: string, message: object): Promise<unknown> => {
      const carry = protocolMethods[method]?.prepare(message)
      return carry?.(shared, { signal: AbortSignal.timeout(20_000), log })
    }
    this.#daemon = { service, sharing, later, call }
  }

  #openRecords(neutron: NeutronService): SharedRecords {
    const telling = { log: silentLog, onUnreadable: () => undefined }
    const { records } = this.#stores
    if (records !== 'tags') return new StoreRecords({ store: keptOpen(records), ...telling })
    return new TagRecords({ neutron, namespace: 'default', statePath: this.#directory, pollInterval: 50, ...telling })
  }

  /** The daemon ends; its dockerd goes on. */
  async stop(): Promise<void> {
    const { service, sharing, later } = this.#running
    this.#daemon = undefined
    await sharing.close()
    await later.close()
    await service.close()
  }

  /** The ids of this host's networks that its daemon has noted. */
  rememberedNetworks(): string[] {
    return [...new Memberships(this.#directory).networkIds()]
  }

  async close(): Promise<void> {
    if (this.#daemon) await this.stop()
    await rm(this.#directory, { recursive: true })
  }

  async #call(method: string, message: object): Promise<unknown> {
    if (!this.#daemon) throw new DockerError(method, 503, '{"Err":"the plugin is down"}')
    try {
      return await this.#daemon.call(method, message)
    } catch (error) {
      throw new DockerError(method, 500, JSON.stringify({ Err: String(error) }))
    }
  }

  get #running(): Daemon {
    if (!this.#daemon) throw new Error(`the daemon of ${this.name} is down`)
    return this.#daemon
  }
}

/** The hosts of a test share one store, as they would an etcd: none of them closes it for the others. */
function keptOpen(store: Store): Store {
  return {
    get: (key, call) => store.get(key, call),
    range: (prefix, call) => store.range(prefix, call),
    transaction: (transaction, call) => store.transaction(transaction, call),
    watch: (prefix, fromRevision, signal) => store.watch(prefix, fromRevision, signal),
    lease: (ttlSeconds, call) => store.lease(ttlSeconds, call),
    close: () => Promise.resolve(),
  }
}
