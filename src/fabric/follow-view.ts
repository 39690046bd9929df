import type { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { ClusterChange } from './cluster-view.ts'
import { type FabricClock, type FabricOptions, systemClock } from './fabric-options.ts'
import type { LocalNetwork } from './local-network.ts'
import type { LocalNetworks } from './local-networks.ts'
import type { Problems } from './problems.ts'

/** Milliseconds in which changes gather into one batch. */
const gathering = 10
/** Milliseconds before the first retry; each further one waits twice as long, up to the longest. */
const firstRetry = 250
const longestRetry = 30_000
const laterRetry = 5_000

export interface FollowerParts {
  options: FabricOptions
  networks: LocalNetworks
  mutex: KeyedMutex
  problems: Problems
}

/**
 * Brings changes of the cluster view to the kernel. A change only marks its network; what is programmed is always the
 * whole difference between the view and the kernel, so that a lost or doubled change does no harm.
 */
export class ViewFollower {
  readonly #parts: FollowerParts
  readonly #clock: FabricClock
  #unsubscribe: (() => void) | undefined
  readonly #cancelRetries = new Set<() => void>()

  constructor(parts: FollowerParts) {
    this.#parts = parts
    this.#clock = parts.options.clock ?? systemClock
  }

  start(): void {
    this.#unsubscribe ??= this.#parts.options.view.subscribe(change => this.#onChange(change))
    this.#parts.networks.followed = true
  }

  stop(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#parts.networks.followed = false
    for (const local of this.#parts.networks.all()) {
      local.current = false
      this.#cancel(local)
    }
    for (const cancel of this.#cancelRetries) cancel()
    this.#cancelRetries.clear()
  }

  /** Calls `task` some seconds later, unless the fabric is stopped by then. */
  retryLater(task: () => void): void {
    const cancel = this.#clock.after(laterRetry, () => {
      this.#cancelRetries.delete(cancel)
      task()
    })
    this.#cancelRetries.add(cancel)
  }

  /** Updates the network's entries after `delay` milliseconds, and again until it succeeds. */
  schedule(local: LocalNetwork, delay = gathering): void {
    local.cancelUpdate ??= this.#clock.after(delay, () => {
      local.cancelUpdate = undefined
      void this.#parts.mutex.run(local.spec.namespace, () => this.update(local))
    })
  }

  /** Updates the network's entries now; a failure becomes a problem and a retry. To be called with the mutex held. */
  async update(local: LocalNetwork): Promise<void> {
    const { networks, problems, options } = this.#parts
    if (networks.get(local.spec.namespace) !== local) return
    const about = `network ${local.networkId}`
    try {
      await networks.program(local)
      local.failures = 0
      problems.clear(about)
    } catch (error) {
      const delay = Math.min(longestRetry, firstRetry * 2 ** local.failures++)
      problems.set(about, `entries of remote ports are not up to date: ${String(error)}`)
      options.log.warn({ err: error, networkId: local.networkId, retryIn: delay }, 'entries could not be programmed')
      if (this.#unsubscribe !== undefined) this.schedule(local, delay)
    }
  }

  #onChange(change: ClusterChange): void {
    const { networks } = this.#parts
    switch (change.type) {
      case 'network':
      case 'port': {
        const local = networks.get(networks.namespaceOf(change.networkId))
        if (local?.networkId === change.networkId) this.#hasten(local)
        return
      }
      case 'host':
        networks.all().forEach(local => this.#hasten(local))
        return
      case 'resync':
        for (const local of networks.all()) {
          local.entries.distrust()
          this.#hasten(local)
        }
    }
  }

  /** News may be what a waiting retry needs. */
  #hasten(local: LocalNetwork): void {
    local.current = false
    if (local.failures > 0) this.#cancel(local)
    this.schedule(local)
  }

  #cancel(local: LocalNetwork): void {
    local.cancelUpdate?.()
    local.cancelUpdate = undefined
  }
}
