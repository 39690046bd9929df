import { aborted, isAborted } from '../../concurrency/aborted.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../../neutron/neutron.ts'
import type { Agent } from '../../neutron/resources.ts'
import type { Lease } from '../../store/store.ts'
import { type ServiceContext, timestamp } from '../context.ts'
import { keys } from '../keys.ts'
import { raceAgainst } from '../../concurrency/race-against.ts'
import { encode } from '../records.ts'
import { commit, retrying } from '../writes/commit.ts'

/** Seconds after a host's death at which it counts as dead. */
const aliveSeconds = 30
/** Pause between attempts to register while the store refuses, in milliseconds. */
const retryPause = 1000

/** What a host tells of itself. */
export interface AgentRegistration {
  /** Where other hosts send this host's VXLAN packets. */
  tunnelingIp: string
  version: string
  configurations?: Readonly<Record<string, unknown>>
}

/**
 * This host's agent: a record that stays, and a leased key that says that its daemon is alive. Killed: the key goes with
 * its lease, the record stays, and so do the host's ports and the way to it.
 */
export class OwnAgent {
  readonly #context: ServiceContext
  readonly #stop = new AbortController()
  readonly #id = randomUUID()
  #keeping: Promise<void> | undefined
  #stopKeeping = new AbortController()

  constructor(context: ServiceContext) {
    this.#context = context
  }

  /** Registers, and keeps alive until {@link close}. Rejects when the call gives up; the attempts go on behind it. */
  async register(registration: AgentRegistration, call?: Call): Promise<Agent> {
    if (!/^[A-Za-z0-9_.-]{1,253}$/.test(this.#context.host)) {
      throw new TypeError(
        `expected a host name of letters, digits, '.', '_' and '-', got ${JSON.stringify(this.#context.host)}`,
      )
    }
    await this.#end()
    const { promise, resolve } = Promise.withResolvers<Agent>()
    this.#stopKeeping = new AbortController()
    this.#keeping = this.#keep(registration, AbortSignal.any([this.#stop.signal, this.#stopKeeping.signal]), resolve)
    return raceAgainst(AbortSignal.any([this.#stop.signal, ...(call?.signal ? [call.signal] : [])]), promise)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#stopKeeping.abort()
    await this.#keeping
  }

  async #keep(registration: AgentRegistration, signal: AbortSignal, registered: (agent: Agent) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        const agent = await this.#write(registration, signal)
        await this.#stayAlive(signal, () => registered(agent))
      } catch (error) {
        if (isAborted(signal)) return
        this.#context.log.warn(
          { err: error, host: this.#context.host },
          'this host could not be registered: trying again',
        )
        await sleep(retryPause, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #write(registration: AgentRegistration, signal: AbortSignal): Promise<Agent> {
    const { host, clock } = this.#context
    const now = timestamp(clock)
    return commit(this.#context, signal, ({ tables }) => {
      const row = tables.agents.get(host)
      const key = keys.agent(host)
      const agent: Agent = {
        id: row?.value.id ?? this.#id,
        agent_type: 'Kuryr fabric agent',
        binary: 'kuryr',
        host,
        topic: 'N/A',
        admin_state_up: true,
        alive: true,
        availability_zone: null,
        created_at: row?.value.created_at ?? now,
        started_at: now,
        heartbeat_timestamp: now,
        description: null,
        configurations: {
          ...registration.configurations,
          tunneling_ip: registration.tunnelingIp,
          version: registration.version,
        },
      }
      const when = row ? [{ key, modRevision: row.modRevision }] : [{ key, exists: false }]
      return { when, put: { [key]: agent }, delete: [], mark: key, result: agent }
    })
  }

  /** Resolves when the lease is lost, or the service stops. */
  async #stayAlive(signal: AbortSignal, alive: () => void): Promise<void> {
    const { store, host, clock } = this.#context
    const lease = await retrying(this.#context, signal, () => store.lease(aliveSeconds, { signal }))
    try {
      const value = encode({ at: timestamp(clock) }, lease.id)
      const { revision } = await retrying(this.#context, signal, () =>
        store.transaction({ when: [], then: [{ put: keys.agentAlive(host), value, lease }] }, { signal }),
      )
      await this.#context.replica.reached(revision, signal)
      alive()
      await aborted(AbortSignal.any([signal, lease.lost]))
    } finally {
      await this.#giveUp(lease)
    }
  }

  async #giveUp(lease: Lease): Promise<void> {
    await lease.end().catch((error: unknown) => {
      this.#context.log.info({ err: error }, 'the lease of this host could not be ended: it will run out by itself')
    })
  }
}
