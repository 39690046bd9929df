import type { Logger } from 'pino'
import { Backoff } from '../concurrency/backoff.ts'
import { KeyedWork } from '../concurrency/keyed-work.ts'
import { raceAgainst } from '../concurrency/race-against.ts'
import type { DockerEngine, EngineEvent } from '../docker-engine/docker-engine.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import { describeAll } from './describe-all.ts'
import { describeContainer } from './describe-container.ts'
import type { DescriptionContext } from './description-context.ts'

export interface PortDescriptionParts {
  engine: DockerEngine
  neutron: Neutron
  /** Resolves when the network service of this host is ready. */
  ready: Promise<void>
  log: Logger
  options: {
    host: string
    /** The name of our driver in Docker. */
    driver: string
    /** Milliseconds between attempts to reach the engine. */
    pause?: { firstMs: number; limitMs: number }
  }
}

/** Milliseconds for all that is asked about one container; about all of them, ten times as many. */
const PATIENCE = 20_000

/** Attempts that the engine may miss before it is warned of: at boot it starts after us. */
const MISSED_BEFORE_WARNING = 7

/** Stands for all containers, among the ids. */
const ALL = ''

/**
 * Tells the names and labels of this host's containers to their ports in Neutron, so that an operator sees there whose
 * they are. Docker's calls do not tell them, and its API must not be asked inside of a call: so it follows Docker's events,
 * behind the scenes; after any loss of their stream all is compared.
 */
export class PortDescription {
  readonly #parts: PortDescriptionParts
  readonly #context: DescriptionContext
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #work: KeyedWork
  readonly #following: Promise<void>

  constructor(parts: PortDescriptionParts) {
    const { engine, neutron, options } = parts
    this.#parts = parts
    this.#log = parts.log.child({ part: 'port-description' })
    const { host, driver } = options
    this.#context = { engine, neutron, host, driver, networks: new Set(), log: this.#log }
    this.#work = new KeyedWork({
      work: key => this.#describe(key),
      onFailure: (key, error) => this.#log.debug({ err: error, containerId: key }, 'ports are not described yet'),
      // One after another: it is in no hurry, and must not take Neutron from Docker's calls.
      width: 1,
      signal: this.#stop.signal,
    })
    // Without a network service there are no ports to describe: whoever waits for it has told.
    this.#following = raceAgainst(this.#stop.signal, parts.ready).then(
      () => this.#follow(),
      () => undefined,
    )
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#following, this.#work.idle()])
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    const backoff = new Backoff(this.#parts.options.pause ?? { firstMs: 100, limitMs: 5000 })
    let warned = false
    while (!signal.aborted) {
      try {
        for await (const event of this.#parts.engine.networkEvents(signal)) {
          this.#take(event)
          if (warned) this.#log.info('the Docker engine answers: ports are described again')
          warned = false
          backoff.reset()
        }
      } catch (error) {
        const why = 'the Docker engine does not answer: ports are not described with the names and labels of containers'
        if (backoff.attempts >= MISSED_BEFORE_WARNING && !warned) {
          warned = true
          this.#log.warn({ err: error }, why)
        }
        await backoff.wait(signal)
      }
    }
  }

  #take(event: EngineEvent): void {
    if (event.type === 'subscribed') this.#work.ask(ALL)
    else if (event.type === 'container') this.#work.ask(event.id)
    else if (event.driver === this.#context.driver) {
      this.#context.networks.add(event.id)
      if (event.action === 'connect' && event.container !== undefined) this.#work.ask(event.container)
    }
  }

  async #describe(key: string): Promise<void> {
    if (key !== ALL) return describeContainer(this.#context, key, this.#within(PATIENCE))
    for (const id of await describeAll(this.#context, this.#within(10 * PATIENCE))) this.#work.ask(id)
  }

  #within(milliseconds: number): Call & { signal: AbortSignal } {
    return { signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(milliseconds)]) }
  }
}
