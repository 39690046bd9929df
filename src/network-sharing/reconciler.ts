import { KeyedWork } from '../concurrency/keyed-work.ts'
import type { EngineNetwork } from '../docker-engine/docker-engine.ts'
import { decide, type Situation } from './decide.ts'
import type { InTheMaking } from './in-the-making.ts'
import type { LocalChange } from './local-networks.ts'
import { sharedIdOf } from './network-spec.ts'
import type { SharedNetwork } from './shared-network.ts'
import type { StalePorts } from './stale-ports.ts'
import { NotYet, type SharingContext } from './sharing-context.ts'
import { grantWish } from './steps/remake-network.ts'
import { takeStep } from './take-step.ts'

/** What keeps a shared network from being as it should on this host. */
export interface SharingProblem {
  sharedId: string
  why: string
  todo: string
}

export interface ReconcilerOptions {
  context: SharingContext
  offers: (network: EngineNetwork) => boolean
  accepts: (record: SharedNetwork) => boolean
  /** Why nothing may be done at all at this moment: the network service is not to be trusted, or not there yet. */
  held: () => string | undefined
  inTheMaking: InTheMaking
  stalePorts: StalePorts
  /** Milliseconds between full comparisons. */
  interval: number
  /** Told of each step that was taken. */
  onStep: (step: string) => void
}

/** How many shared networks are worked on at once: dockerd takes tens of milliseconds for each. */
const WIDTH = 4

/** More steps than any network needs in a row: two hosts that undo each other's work must not do so at full speed. */
const MOST_STEPS = 8

/**
 * Makes this host as the shared records say, and the records as its user does. Level-triggered: whatever happens only
 * names a shared id, which is then compared as a whole; at start, after any loss of a stream, and from time to time all are.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #work: KeyedWork
  readonly #problems = new Map<string, SharingProblem>()
  readonly #unsubscribe: (() => void)[] = []
  readonly #timer: NodeJS.Timeout

  constructor(options: ReconcilerOptions) {
    this.#options = options
    const { records, locals, signal } = options.context
    this.#work = new KeyedWork({
      work: id => this.#reconcile(id),
      onFailure: (id, error) => this.#failed(id, error),
      width: WIDTH,
      signal,
    })
    this.#unsubscribe.push(
      records.subscribe(id => (id === undefined ? this.askAll() : this.#work.ask(id))),
      locals.subscribe(change => this.#take(change)),
    )
    this.#timer = setInterval(() => void this.#compareAll(), options.interval)
  }

  /** What keeps which network from being as it should. */
  problems(): SharingProblem[] {
    return [...this.#problems.values()]
  }

  /** Compares everything that this host knows. */
  askAll(): void {
    const { records, locals, memberships } = this.#options.context
    const ids = new Set([...records.view.ids(), ...memberships.ids(), ...locals.all().map(sharedIdOf)])
    for (const id of ids) this.#work.ask(id)
  }

  /** Resolves when all that was asked for so far was looked at once. */
  settled(): Promise<void> {
    return this.#work.idle()
  }

  /** Resolves when nothing is being done any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const stop of this.#unsubscribe) stop()
    await this.#work.idle()
  }

  async #compareAll(): Promise<void> {
    // The watch may have been told nothing of a store that was put back to an earlier state.
    const { records, locals } = this.#options.context
    const [, reread] = await Promise.allSettled([records.reload(), locals.reread()])
    // Having read everything, it asks for everything.
    if (reread.status === 'rejected') this.askAll()
    if (this.#options.held() === undefined) await this.#lookForStalePorts()
  }

  async #lookForStalePorts(): Promise<void> {
    const { stalePorts, context } = this.#options
    await stalePorts.look().catch((error: unknown) => {
      if (!context.signal.aborted)
        context.log.warn({ err: error }, 'could not look for ports of containers that are gone')
    })
  }

  #take(change: LocalChange): void {
    if (change.type === 'everything') void this.#grantWishes().finally(() => this.askAll())
    else if (change.type === 'network') this.#work.ask(change.sharedId)
    // What was refused because of a name or a container may work now.
    else for (const id of this.#problems.keys()) this.#work.ask(id)
  }

  async #grantWishes(): Promise<void> {
    const { context } = this.#options
    for (const wish of context.memberships.wishes()) {
      await grantWish(context, wish).catch((error: unknown) => {
        context.log.warn({ err: error, network: wish.Name }, 'a network that was being made anew cannot be made yet')
      })
    }
  }

  async #reconcile(id: string): Promise<void> {
    const { context, held, onStep } = this.#options
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const situation = this.#situation(id)
      // Comes back by itself: whoever becomes ready, or able to be asked, asks for everything.
      if (!situation || held() !== undefined) return
      const decision = decide(situation)
      if (decision.step !== 'nothing') await takeStep(context, id, decision)
      this.#problems.delete(id)
      if (decision.step === 'nothing') return
      onStep(decision.step)
      // It is waiting for others from here on: what they do asks again.
      if (decision.step === 'finish' || decision.step === 'release') return
    }
    throw new Error(`network ${id} is still not as it should be after ${MOST_STEPS} steps`)
  }

  #situation(id: string): Situation | undefined {
    const { offers, accepts, inTheMaking } = this.#options
    const { records, locals, memberships, host, via } = this.#options.context
    const { view } = records
    if (!locals.engine || view.isUnreadable(id)) return undefined
    return {
      engineId: locals.engine.id,
      via,
      record: view.network(id),
      tombstone: view.tombstone(id),
      member: view.member(id, host),
      locals: locals.of(id),
      remembered: memberships.shares(id) || (memberships.wasMade(id) && !inTheMaking.has(id)),
      removedByCall: memberships.wasRemoved(id),
      offers,
      accepts,
    }
  }

  #failed(id: string, error: unknown): void {
    const { log, signal } = this.#options.context
    if (signal.aborted) return
    const why = error instanceof Error ? error.message : String(error)
    const known = this.#problems.get(id)?.why === why
    const todo = error instanceof NotYet ? error.todo : 'it is tried again; if it stays so, see the log'
    this.#problems.set(id, { sharedId: id, why, todo })
    if (known) return
    if (error instanceof NotYet) log.info({ sharedId: id, why }, 'a shared network must wait')
    else log.warn({ sharedId: id, err: error }, 'a shared network is not yet as it should be: trying again')
  }
}
