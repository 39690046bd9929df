import type { Logger } from 'pino'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { AccessServices } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { ifThere } from '../ownership/if-there.ts'
import { ADOPTED_PORT_TAG, exposedGroupTag, isOfPython } from '../ownership/marks.ts'
import { exposedGroupName, isExposedGroup } from './exposed-group.ts'
import { ExposedGroups } from './exposed-groups.ts'
import { type Exposed, readExposedPorts } from './exposed-ports.ts'
import { deletePythonGroup } from './python-group.ts'
import { UnusedGroups } from './unused-groups.ts'

/** Milliseconds that a group without a port of this host is kept, and that a group may be without a port in its making. */
const KEPT_FOR = 60_000

/** Times that a group is sought anew because it was deleted just before a port took it. */
const ATTEMPTS = 3

export interface PortExposureParts {
  neutron: Pick<Neutron, 'ports'>
  access: AccessServices
  /** This host's name in the network service. */
  host: string
  /** `process_external_connectivity`; if false, nothing is opened, and what was is closed all the same. */
  enabled: boolean
  later: RetryLater
  log: Logger
  /** Milliseconds that a group without a port of this host is kept; a minute if absent. */
  keptFor?: number
}

/** A port that a container with exposed ports gets. */
export interface ToExpose {
  port: Port
  exposed: readonly Exposed[]
  /** The groups that it has, or gets at the same time. */
  groups: readonly string[]
  /** Changes the port; without groups it may be that there is nothing to change. */
  change: (groups: { security_groups?: string[] }) => Promise<Port>
}

/**
 * Opens the ports that containers expose or publish, by security groups that their Neutron ports get beside those that they
 * have, as long as the endpoint lives (upstream's D5, D14).
 */
export class PortExposure {
  readonly #parts: PortExposureParts
  readonly #groups: ExposedGroups
  readonly #unused: UnusedGroups
  /** What is open on a port, by its id: name of the group. */
  readonly #open = new Map<string, string>()

  constructor(parts: PortExposureParts) {
    this.#parts = parts
    this.#groups = new ExposedGroups(parts)
    const onRemoval = (id: string): void => this.#groups.forget(id)
    this.#unused = new UnusedGroups({ keptFor: KEPT_FOR, ...parts, onRemoval })
  }

  /** @throws {RangeError} for what Docker does not send */
  read(options: Readonly<Record<string, unknown>> | null | undefined): Exposed[] {
    return this.#parts.enabled ? readExposedPorts(options) : []
  }

  /** Whether this daemon has opened these ports on the Neutron port. */
  isOpen(portId: string, exposed: readonly Exposed[]): boolean {
    return exposed.length === 0 || this.#open.get(portId) === exposedGroupName(exposed)
  }

  /**
   * Changes the port so that it gets the group of what is exposed, too; in the same request, if the group is known.
   *
   * Killed before the change: a group without a port, which the next start of a daemon deletes. On an adopted port a tag
   * names the group, so that whoever gives the port back takes it away.
   */
  async expose({ port, exposed, groups, change }: ToExpose, call: Call): Promise<Port> {
    // Where Neutron does not filter, it refuses groups; everything is open there.
    if (exposed.length === 0 || !port.port_security_enabled) return change({})
    for (let attempt = 1, before: string | undefined; ; attempt++) {
      const id = await this.#groups.idFor(exposed, call)
      if (id === undefined) return change({})
      try {
        return await this.#enter({ port, exposed, groups, change }, id, call)
      } catch (error) {
        const isGone = error instanceof NeutronError && error.type === 'SecurityGroupNotFound'
        // The same once more: it is another of the port's groups that is gone.
        if (!isGone || attempt === ATTEMPTS || id === before) throw error
        this.#groups.forget(id)
        before = id
      }
    }
  }

  /** What is to be done when a container's port is deleted, or given back: groups that it alone used go, later. */
  async released(port: Port, call: Call): Promise<void> {
    this.#open.delete(port.id)
    this.#unused.leave(port)
    if (isOfPython(port.tags)) await deletePythonGroup(this.#parts.access, port.id, call)
  }

  /**
   * Deletes the groups of exposed ports that no port has, whoever made them: what daemons that ended left. One that was made
   * less than a minute ago may be about to be used.
   *
   * @param now milliseconds since 1970
   */
  async sweep(now: number, call: Call): Promise<void> {
    const { access } = this.#parts
    const query = { project_id: await access.ownProject(call) }
    // Without any this Neutron has no security groups.
    const groups = (await ifThere(access.securityGroups.list(query, call))) ?? []
    for (const { id, updated_at } of groups.filter(isExposedGroup)) {
      if (now - Date.parse(updated_at) > KEPT_FOR) await this.#unused.remove(id, call)
      else this.#unused.note(id)
    }
  }

  /** What would still have been deleted is left to the next start. */
  close(): Promise<void> {
    return this.#unused.close()
  }

  async #enter({ port, exposed, groups, change }: ToExpose, id: string, call: Call): Promise<Port> {
    const has = groups.includes(id)
    this.#unused.enter(id, port.id)
    try {
      if (!has && port.tags.includes(ADOPTED_PORT_TAG)) {
        await this.#parts.neutron.ports.addTags(port.id, [exposedGroupTag(id)], call)
      }
      const changed = await change(has ? {} : { security_groups: [...groups, id] })
      this.#open.set(port.id, exposedGroupName(exposed))
      return changed
    } catch (error) {
      this.#unused.leave(port)
      throw error
    }
  }
}
