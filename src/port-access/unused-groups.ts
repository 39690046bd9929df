import type { Logger } from 'pino'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { AccessServices } from '../neutron/access.ts'
import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'

export interface UnusedGroupsParts {
  access: Pick<AccessServices, 'securityGroups'>
  later: Pick<RetryLater, 'add'>
  log: Pick<Logger, 'info'>
  /** Milliseconds that a group without a port of this host is kept: containers are started anew. */
  keptFor: number
  /** Told before a group may go. */
  onRemoval: (groupId: string) => void
}

/**
 * Deletes the groups of exposed ports that nobody uses any more, a while after the last port of this host was in one.
 * Whether another host uses it is known to Neutron alone, which then refuses. Kept in memory only: what a daemon that ends
 * leaves is deleted at a daemon's next start.
 */
export class UnusedGroups {
  readonly #parts: UnusedGroupsParts
  /** Ports of this host by group. */
  readonly #ports = new Map<string, Set<string>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(parts: UnusedGroupsParts) {
    this.#parts = parts
  }

  /** A group of ours was seen; if no port of this host takes it, it goes. */
  note(groupId: string): void {
    if (this.#ports.has(groupId)) return
    this.#ports.set(groupId, new Set())
    this.#lookLater(groupId)
  }

  /** A port of this host has the group from now on, or is about to get it. */
  enter(groupId: string, portId: string): void {
    const ports = this.#ports.get(groupId) ?? new Set()
    this.#ports.set(groupId, ports.add(portId))
  }

  /** The port is gone, or has no group of ours any more. */
  leave({ id, security_groups }: Pick<Port, 'id' | 'security_groups'>): void {
    for (const [groupId, ports] of this.#ports) {
      const was = ports.delete(id) || security_groups.includes(groupId)
      if (was && ports.size === 0) this.#lookLater(groupId)
    }
  }

  /** The group is deleted unless somebody uses it. */
  async remove(groupId: string, call: Call): Promise<void> {
    if ((this.#ports.get(groupId)?.size ?? 0) > 0) return
    // A container that starts in this moment, too, looks for a group anew, or finds when it takes it that it is gone.
    this.#parts.onRemoval(groupId)
    try {
      await this.#parts.access.securityGroups.delete(groupId, call)
      this.#parts.log.info({ groupId }, 'deleted a security group of exposed ports that nobody uses any more')
    } catch (error) {
      const used = error instanceof NeutronError && error.type === 'SecurityGroupInUse'
      if (used) this.#ports.set(groupId, this.#ports.get(groupId) ?? new Set())
      if (used) return
      if (!isNotFound(error)) throw error
    }
    if (this.#ports.get(groupId)?.size === 0) this.#ports.delete(groupId)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#running)
  }

  #lookLater(groupId: string): void {
    if (this.#closing.signal.aborted) return
    clearTimeout(this.#timers.get(groupId))
    const timer = setTimeout(() => {
      this.#timers.delete(groupId)
      const work = this.#removeOrLater(groupId).finally(() => this.#running.delete(work))
      this.#running.add(work)
    }, this.#parts.keptFor)
    this.#timers.set(groupId, timer.unref())
  }

  async #removeOrLater(groupId: string): Promise<void> {
    try {
      await this.remove(groupId, { signal: this.#closing.signal })
    } catch {
      if (this.#closing.signal.aborted) return
      this.#parts.later.add(`deletion of security group ${groupId}`, signal => this.remove(groupId, { signal }))
    }
  }
}
