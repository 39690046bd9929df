import type { Logger } from 'pino'
import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { AccessServices, SecurityGroup } from '../neutron/access.ts'
import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import { Believed } from '../ownership/believed.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import { ifThere } from '../ownership/if-there.ts'
import { differenceFrom, exposedGroupName, isExposedGroup, wordsOf } from './exposed-group.ts'
import type { Exposed } from './exposed-ports.ts'

/** Times that a group is looked at anew because another host changed it at the same moment. */
const LOOKS = 3

export interface ExposedGroupsParts {
  access: AccessServices
  /** This host's name in the network service. */
  host: string
  log: Pick<Logger, 'info' | 'warn'>
  clock?: () => number
}

/**
 * The security groups of exposed ports in our project: one for each set of ports, for all containers on all hosts that
 * expose the same. Nothing but Neutron counts who uses one.
 *
 * Killed between a group and its rules: whoever finds it completes it. Two hosts that make the same at once make two of
 * one name, of which each is deleted by its last user.
 */
export class ExposedGroups {
  readonly #parts: ExposedGroupsParts
  /** By name; no id where this Neutron has no security groups. */
  readonly #known: Believed<{ id: string | undefined }>
  readonly #looking = new KeyedMutex()

  constructor(parts: ExposedGroupsParts) {
    this.#parts = parts
    this.#known = new Believed(parts)
  }

  /**
   * The id of the group that opens these ports, which is made if there is none; `undefined` where this Neutron has no
   * security groups: there everything is open. No request if it was seen within five minutes.
   *
   * @throws {PluginError} 409, if the project may have no more groups or rules
   */
  idFor(exposed: readonly Exposed[], call: Call): Promise<string | undefined> {
    const name = exposedGroupName(exposed)
    return this.#looking.run(name, async () => {
      const known = this.#known.get(name)
      if (known) return known.id
      const id = await this.#provide(name, exposed, call)
      this.#known.add(name, { id })
      return id
    })
  }

  /** The group may be gone. */
  forget(id: string): void {
    this.#known.forgetWhere(known => known.id === id)
  }

  async #provide(name: string, exposed: readonly Exposed[], call: Call): Promise<string | undefined> {
    const { access, log } = this.#parts
    const query = { name, project_id: await access.ownProject(call) }
    const found = await ifThere(access.securityGroups.list(query, call))
    if (!found) {
      log.warn('this Neutron has no security groups: exposed ports need none')
      return undefined
    }
    try {
      const id = await this.#use(found.filter(isExposedGroup), exposed, call)
      return id ?? (await this.#make(name, exposed, call))
    } catch (error) {
      throw explained(error, exposed)
    }
  }

  /** The first of the groups that is what its name says, or lacks some of it only. Each host takes the same. */
  async #use(groups: readonly SecurityGroup[], exposed: readonly Exposed[], call: Call): Promise<string | undefined> {
    for (const group of groups.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
      try {
        if (await this.#complete(group, exposed, call)) return group.id
        this.#parts.log.warn(
          { groupId: group.id, name: group.name },
          'this security group was changed by others: containers that start now get another one',
        )
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
    return undefined
  }

  async #make(name: string, exposed: readonly Exposed[], call: Call): Promise<string> {
    const { access, host, log } = this.#parts
    // Not given up half-way: what is not known to be made cannot be taken back.
    call.signal?.throwIfAborted()
    const made = await access.securityGroups.create({ name, description: birthMark(host) })
    try {
      // A cloud may give more to its new groups than all ways out.
      const { foreign } = differenceFrom(exposed, made.security_group_rules)
      for (const { id } of foreign) await this.#deleteRule(id, call)
      const rest = made.security_group_rules.filter(rule => !foreign.includes(rule))
      await this.#complete({ ...made, security_group_rules: rest }, exposed, call)
    } catch (error) {
      // If this fails it is deleted as any that nobody uses.
      await access.securityGroups.delete(made.id).catch(() => undefined)
      throw error
    }
    log.info({ groupId: made.id, name }, 'made a security group for exposed ports')
    return made.id
  }

  /** Gives the group what it lacks. @returns false, and does nothing, where it has what is not its own. */
  async #complete(group: SecurityGroup, exposed: readonly Exposed[], call: Call): Promise<boolean> {
    let rules = group.security_group_rules
    for (let look = 1; ; look++) {
      const { missing, bornWith, foreign } = differenceFrom(exposed, rules)
      if (foreign.length > 0) return false
      for (const { id } of bornWith) await this.#deleteRule(id, call)
      if (missing.length === 0) return true
      try {
        const bodies = missing.map(rule => ({ ...rule, security_group_id: group.id }))
        await this.#parts.access.createSecurityGroupRules(bodies, call)
        return true
      } catch (error) {
        const overtaken = error instanceof NeutronError && error.type === 'SecurityGroupRuleExists'
        if (!overtaken || look === LOOKS) throw error
      }
      rules = await this.#rulesOf(group.id, call)
    }
  }

  async #rulesOf(id: string, call: Call): Promise<SecurityGroup['security_group_rules']> {
    return (await this.#parts.access.securityGroups.show(id, call)).security_group_rules
  }

  #deleteRule(id: string, call: Call): Promise<void> {
    return ifThere(this.#parts.access.deleteSecurityGroupRule(id, call))
  }
}

function explained(error: unknown, exposed: readonly Exposed[]): unknown {
  if (!(error instanceof NeutronError && error.type === 'OverQuota')) return error
  return new PluginError(
    409,
    `exposed ports ${wordsOf(exposed).slice(0, 300)} need a security group with two rules for each range, and the project may have no more (${error.message}): raise its quota (openstack quota set --secgroups … --secgroup-rules …), delete groups that nobody uses, expose other ports, or set process_external_connectivity = false in kuryr.conf`,
    { cause: error },
  )
}
