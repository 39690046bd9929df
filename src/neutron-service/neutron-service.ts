import type { Call, Collection, Neutron } from '../neutron/neutron.ts'
import type * as Requests from '../neutron/requests.ts'
import { type Agent, type Extension, Network, Port, Subnet, SubnetPool } from '../neutron/resources.ts'
import { AgentCollection } from './agents/agent-collection.ts'
import { type AgentRegistration, OwnAgent } from './agents/own-agent.ts'
import { ReplicaView } from './cluster-view.ts'
import type { ServiceContext } from './context.ts'
import { deepCopy } from './deep-copy.ts'
import { extensions } from './extensions.ts'
import { createNetwork } from './networks/create-network.ts'
import { deleteNetwork } from './networks/delete-network.ts'
import { presentNetwork } from './networks/present-network.ts'
import { updateNetwork } from './networks/update-network.ts'
import { createPort } from './ports/create-port.ts'
import { deletePort } from './ports/delete-port.ts'
import { updatePort } from './ports/update-port.ts'
import { ResourceCollection } from './resource-collection.ts'
import { kinds } from './resource-kind.ts'
import { limited } from './writes/call-limit.ts'
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

  /** Why no call can be served though the store answers, in words and with what to do; `undefined` when all is well. */
  get problem(): string | undefined {
    return this.#context.replica.problem
  }

  /** Looks at the store now, and waits until the view is as the store is. @throws NeutronError ServiceUnavailable */
  probe(call?: Call): Promise<void> {
    const context = this.#context
    return limited(context, call, signal => context.replica.fresh(signal))
  }

  /** Stops following the store and gives up the host's lease. The store stays open: it is its opener's. */
  async close(): Promise<void> {
    await this.#ownAgent.close()
    await this.#context.replica.close()
  }
}
