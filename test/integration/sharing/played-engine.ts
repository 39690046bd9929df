import { KeyedMutex } from '../../../src/concurrency/keyed-mutex.ts'
import type {
  EngineContainer,
  EngineEvent,
  EngineInfo,
  EngineNetwork,
  NetworkCreateBody,
} from '../../../src/docker-engine/docker-engine.ts'
import { EngineError } from '../../../src/docker-engine/engine-error.ts'
import type { SharingEngine } from '../../../src/network-sharing/local-networks.ts'
import type { Docker } from '../drivers/docker.ts'
import { dockerId, type EndpointRecord, type NetworkRecord } from '../drivers/docker.ts'

/** A network as this dockerd keeps it. */
interface Kept {
  told: EngineNetwork
  record: NetworkRecord
  endpoints: Map<string, EndpointRecord>
}

type Listener = (event: EngineEvent) => void

/**
 * A dockerd as network sharing sees it: its networks, their events, and the plugin's calls that each act makes (see
 * `Docker`). It outlives the daemon beside it; while that one is down its calls fail, as Docker's do.
 */
export class PlayedEngine {
  id = dockerId()
  readonly #networks = new Map<string, Kept>()
  readonly #names = new KeyedMutex()
  readonly #listeners = new Set<Listener>()
  readonly #docker: Docker
  #created = 0

  constructor(docker: Docker) {
    this.#docker = docker
  }

  networks(): EngineNetwork[] {
    return [...this.#networks.values()].map(({ told }) => told)
  }

  named(name: string): EngineNetwork | undefined {
    return this.networks().find(({ Name }) => Name === name)
  }

  containersOn(name: string): EndpointRecord[] {
    const kept = [...this.#networks.values()].find(({ told }) => told.Name === name)
    return [...(kept?.endpoints.values() ?? [])]
  }

  endpointIds(): string[] {
    return [...this.#networks.values()].flatMap(({ endpoints }) => [...endpoints.keys()])
  }

  /** `docker network create`; 26 and newer lock the name meanwhile. */
  create(body: NetworkCreateBody): Promise<string> {
    return this.#names.run(body.Name, async () => {
      if (this.named(body.Name)) {
        throw new EngineError('conflict', `network with name ${body.Name} already exists`, { status: 409 })
      }
      const [config] = body.IPAM.Config
      const record = await this.#docker
        .createNetwork({
          ...(config && { subnet: config.Subnet }),
          ...(config?.Gateway && { gateway: config.Gateway }),
          internal: body.Internal,
          opt: body.Options,
          ipamOpt: body.IPAM.Options,
        })
        .catch((error: unknown) => {
          throw new EngineError('failed', String(error), { status: 500 })
        })
      const told = { ...this.#tell(body), Id: record.id }
      told.IPAM.Config = config
        ? [config]
        : record.pools.map(({ pool, gateway }) => ({ Subnet: pool, Gateway: gateway.replace(/\/.*/, '') }))
      this.#networks.set(record.id, { told, record, endpoints: new Map() })
      this.#emit('create', told)
      return record.id
    })
  }

  /** `docker network rm` */
  async remove(id: string): Promise<void> {
    const kept = this.#networks.get(id)
    if (!kept) return
    if (kept.endpoints.size > 0) throw new EngineError('inUse', `network ${id} has active endpoints`, { status: 403 })
    this.#networks.delete(id)
    await this.#docker.removeNetwork(kept.record)
    this.#emit('destroy', kept.told)
  }

  /** `docker run`. @throws if the plugin refuses, or the network is not there. */
  async run(name: string): Promise<EndpointRecord> {
    const kept = [...this.#networks.values()].find(({ told }) => told.Name === name)
    if (!kept) throw new Error(`network ${name} not found`)
    // dockerd counts the endpoint from before the plugin's first call.
    const mark = dockerId()
    kept.endpoints.set(mark, { id: mark } as EndpointRecord)
    try {
      const endpoint = await this.#docker.run(kept.record)
      kept.endpoints.set(endpoint.id, endpoint)
      return endpoint
    } finally {
      kept.endpoints.delete(mark)
    }
  }

  /** `docker rm -f` */
  async stop(name: string, endpoint: EndpointRecord): Promise<void> {
    const kept = [...this.#networks.values()].find(({ told }) => told.Name === name)
    await this.#docker.stop(endpoint)
    kept?.endpoints.delete(endpoint.id)
    if (kept) this.#emit('disconnect', kept.told)
  }

  /** As if its data root had been wiped: nobody is told. */
  wipe(): void {
    this.id = dockerId()
    this.#networks.clear()
  }

  /** A client of this engine, as the daemon opens one. */
  client(): SharingEngine {
    return {
      info: () => Promise.resolve(this.#info()),
      listNetworks: () => Promise.resolve(this.networks()),
      inspectNetwork: id => Promise.resolve(this.#inspect(id)),
      createNetwork: async body => ({ id: await this.create(body), warning: '' }),
      removeNetwork: id => this.remove(id),
      networkEvents: signal => this.#events(signal),
    }
  }

  #inspect(id: string): EngineNetwork | undefined {
    const kept = [...this.#networks.values()].find(({ told }) => told.Id === id || told.Name === id)
    if (!kept) return undefined
    const container = ({ id: EndpointID }: EndpointRecord): EngineContainer => ({
      ...{ Name: `c-${EndpointID.slice(0, 8)}`, EndpointID, MacAddress: '', IPv4Address: '', IPv6Address: '' },
    })
    const endpoints = [...kept.endpoints.values()]
    return { ...kept.told, Containers: Object.fromEntries(endpoints.map(each => [each.id, container(each)])) }
  }

  async *#events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    const queue: EngineEvent[] = [{ type: 'subscribed' }]
    let wake: () => void = () => undefined
    const listener: Listener = event => {
      queue.push(event)
      wake()
    }
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        const event = queue.shift()
        if (event) yield event
        else await new Promise<void>(resolve => (wake = resolve))
      }
    } finally {
      this.#listeners.delete(listener)
    }
  }

  #emit(action: string, { Id, Name, Driver }: EngineNetwork): void {
    for (const listener of this.#listeners) listener({ type: 'network', action, id: Id, name: Name, driver: Driver })
  }

  #info(): EngineInfo {
    return { id: this.id, name: 'played', version: 'played', swarm: false, clusterStore: undefined }
  }

  #tell(body: NetworkCreateBody): EngineNetwork {
    this.#created += 1
    return {
      ...body,
      Id: '',
      Created: new Date(this.#created).toISOString(),
      Scope: 'local',
      Ingress: false,
      ConfigOnly: false,
      ConfigFrom: { Network: '' },
      IPAM: { ...body.IPAM, Config: [] },
    }
  }
}
