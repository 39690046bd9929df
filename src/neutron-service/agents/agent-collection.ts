import { NeutronError } from '../../neutron/errors.ts'
import type { Call, Neutron, Query } from '../../neutron/neutron.ts'
import { Agent } from '../../neutron/resources.ts'
import { type ServiceContext, timestamp } from '../context.ts'
import { deepCopy } from '../deep-copy.ts'
import { keys } from '../keys.ts'
import { listResources } from '../listing/list-resources.ts'
import type { Tables } from '../replica/tables.ts'
import { limited } from '../writes/call-limit.ts'
import { commit, retrying } from '../writes/commit.ts'

const attributes = new Set(Object.keys(Agent.properties))

/** The hosts. An agent is alive as long as its daemon keeps its lease. */
export class AgentCollection implements Pick<Neutron['agents'], 'show' | 'list' | 'delete'> {
  readonly #context: ServiceContext

  constructor(context: ServiceContext) {
    this.#context = context
  }

  async show(id: string, call?: Call): Promise<Agent> {
    return foundAgent(await this.#all(call), id)
  }

  async list(query: Query = {}, call?: Call): Promise<Agent[]> {
    const agents = await this.#all(call)
    return listResources(agents, query, { attributes, marker: id => foundAgent(agents, id) })
  }

  /** Forgets a host that is gone. @throws NeutronError AgentNotFound, BadRequest while it is alive */
  async delete(id: string, call?: Call): Promise<void> {
    await limited(this.#context, call, signal =>
      commit(this.#context, signal, ({ tables }) => {
        const agent = [...tables.agents.values()].find(one => one.id === id)
        if (!agent) throw notFound(id)
        const row = tables.agents.get(agent.host)
        if (tables.alive.has(agent.host))
          throw new NeutronError('BadRequest', `Agent ${id} is alive on host ${agent.host}: stop it first.`)
        const key = keys.agent(agent.host)
        const when = [
          { key, modRevision: row?.modRevision ?? 0 },
          { key: keys.agentAlive(agent.host), exists: false },
        ]
        return { when, put: {}, delete: [key], mark: key, result: undefined }
      }),
    )
  }

  #all(call: Call | undefined): Promise<Agent[]> {
    const context = this.#context
    return limited(context, call, async signal => {
      await retrying(context, signal, () => context.replica.fresh(signal))
      const { tables } = context.replica
      return [...tables.agents.values()].map(agent => deepCopy(presentAgent(context, tables, agent)))
    })
  }
}

/** The agent's record, with whether it is alive now. */
export function presentAgent(context: Pick<ServiceContext, 'clock'>, tables: Tables, agent: Agent): Agent {
  const alive = tables.alive.has(agent.host)
  return { ...agent, alive, heartbeat_timestamp: alive ? timestamp(context.clock) : agent.heartbeat_timestamp }
}

function foundAgent(agents: readonly Agent[], id: string): Agent {
  const agent = agents.find(one => one.id === id)
  if (!agent) throw notFound(id)
  return agent
}

function notFound(id: string): NeutronError {
  return new NeutronError('AgentNotFound', `Agent ${id.slice(0, 80)} could not be found.`)
}
