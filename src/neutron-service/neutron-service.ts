import type { Call, Collection, Neutron } from '../neutron/neutron.ts'
import type { Store } from '../store/store.ts'
import type * as Requests from '../neutron/requests.ts'
import { type Agent, type Extension, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'
import { AgentCollection } from './agents/agent-collection.ts'
import { type AgentRegistration, OwnAgent } from './agents/own-agent.ts'
import { ReplicaView } from './cluster-view.ts'
import type { Clock, ServiceContext, VniRange } from './context.ts'
import { deepCopy } from './deep-copy.ts'
import { extensions } from './extensions.ts'
import { createNetwork } from './networks/create-network.ts'
import { deleteNetwork } from './networks/delete-network.ts'
import { presentNetwork } from './networks/present-network.ts'
import { updateNetwork } from './networks/update-network.ts'
import { createPort } from './ports/create-port.ts'
import { deletePort } from './ports/delete-port.ts'
import { updatePort } from './ports/update-port.ts'
import { Replica } from './replica/replica.ts'
import { Reservations } from './replica/reservations.ts'
import { ResourceCollection } from './resource-collection.ts'
import { kinds } from './resource-kind.ts'
import type { ServiceLog } from './service-log.ts'
import { createSubnetPool } from './subnetpools/create-subnetpool.ts'
import { deleteSubnetPool } from './subnetpools/delete-subnetpool.ts'
import { updateSubnetPool } from './subnetpools/update-subnetpool.ts'
import { createSubnet } from './subnets/create-subnet.ts'
import { deleteSubnet } from './subnets/delete-subnet.ts'
import { updateSubnet } from './subnets/update-subnet.ts'

/** The embedded Neutron of one host, over a store that it may share with those of other hosts. */
export class NeutronService implements Neutron {
  readonly networks: Collection<Network, Requests.NetworkCreate, Requests.NetworkUpdate>
  readonly subnets: Collection<Subnet, Requests.SubnetCreate, Requests.SubnetUpdate>
  readonly subnetpools: Collection<SubnetPool, Requests.SubnetPoolCreate, Requests.SubnetPoolUpdate>
  readonly ports: Collection<Port, Requests.PortCreate, Requests.PortUpdate>
  readonly agents: AgentCollection
  /** The cluster from memory, for the fabric. */
  readonly view: ReplicaView
  readonly #context: ServiceContext
  readonly #ownAgent: OwnAgent

  constructor(context: ServiceContext) {
    this.#context = context
    this.networks = new ResourceCollection(context, {
      kind: kinds.networks,
      schema: Network,
      create: createNetwork,
      update: updateNetwork,
      delete: deleteNetwork,
      present: presentNetwork,
    })
    this.subnets = new ResourceCollection(context, {
      kind: kinds.subnets,
      schema: Subnet,
      create: createSubnet,
      update: updateSubnet,
      delete: deleteSubnet,
    })
    this.subnetpools = new ResourceCollection(context, {
      kind: kinds.subnetpools,
      schema: SubnetPool,
      create: createSubnetPool,
      update: updateSubnetPool,
      delete: deleteSubnetPool,
    })
    this.ports = new ResourceCollection(context, {
      kind: kinds.ports,
      schema: Port,
      create: createPort,
      update: updatePort,
      delete: deletePort,
    })
    this.agents = new AgentCollection(context)
    this.view = new ReplicaView(context.replica)
    this.#ownAgent = new OwnAgent(context)
  }

  extensions(call?: Call): Promise<Extension[]> {
    call?.signal?.throwIfAborted()
    return Promise.resolve(deepCopy([...extensions]))
  }

  /**
   * Makes this host known to the others, and keeps it alive until {@link close}. Ports can be bound to a host from then
   * on. While the store is away it goes on trying, also when this call was given up.
   */
  registerAgent(registration: AgentRegistration, call?: Call): Promise<Agent> {
    return this.#ownAgent.register(registration, call)
  }

  /** Stops following the store and gives up the host's lease. The store stays open: it is its opener's. */
  async close(): Promise<void> {
    await this.#ownAgent.close()
    await this.#context.replica.close()
  }
}

export interface NeutronServiceOptions {
  store: Store
  /** This host's name: its agent's, and what `binding:host_id` says of its ports. */
  host: string
  log: ServiceLog
  /** Bytes; MTU of networks that ask for none, and the largest that may be asked for. */
  defaultMtu: number
  clock?: Clock
  /** In [0, 1). */
  random?: () => number
  /** VXLAN network identifiers that networks get. Default: 1 to 2^24 - 1, as Neutron's. */
  vniRange?: VniRange
  /** Neutron's `base_mac`: the first three bytes of generated MACs are its. */
  baseMac?: string
  /** Milliseconds after which a call gives up on the store. Default 10,000. */
  deadline?: number
}

/**
 * Opens the embedded Neutron. Returns at once, also while the store is away: calls wait for it, up to their deadline, and
 * then reject with NeutronError ServiceUnavailable.
 * @throws {TypeError} for a base MAC that is none
 */
export function openNeutronService(options: NeutronServiceOptions): NeutronService {
  const { store, host, log, defaultMtu, baseMac = 'fa:16:3e:00:00:00' } = options
  if (!/^[0-9a-f][02468ace](:[0-9a-f]{2}){2,5}$/i.test(baseMac)) {
    throw new TypeError(`expected a unicast MAC address like fa:16:3e:00:00:00, got ${JSON.stringify(baseMac)}`)
  }
  const reservations = new Reservations()
  return new NeutronService({
    store,
    replica: new Replica({ store, log, reservations }),
    reservations,
    log,
    host,
    clock: options.clock ?? Date,
    random: options.random ?? Math.random,
    vniRange: options.vniRange ?? { first: 1, last: 2 ** 24 - 1 },
    macPrefix: baseMac.slice(0, 8).toLowerCase(),
    defaultMtu,
    deadline: options.deadline ?? 10_000,
  })
}
