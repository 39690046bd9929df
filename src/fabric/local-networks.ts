import { failedBecause } from '../host-network/host-network-error.ts'
import type { Link, LinkOps } from '../host-network/link-ops.ts'
import type { Network } from '../neutron/resources.ts'
import { desiredEntries } from './desired-entries.ts'
import { type FabricOptions, systemClock } from './fabric-options.ts'
import { LocalNetwork } from './local-network.ts'
import {
  ensureNamespace,
  hostEnds,
  isNamespaceName,
  namespaceName,
  type NamespaceSpec,
  removeNamespace,
  vniOf,
} from './network-namespace.ts'
import type { Problems } from './problems.ts'

/** How often, and with how many milliseconds more each time, a VNI in use is tried again. */
const mostAttempts = 7
const attemptDelay = 50

/**
 * The networks that have a namespace on this host. The caller makes sure that one namespace is worked on by one task
 * at a time.
 */
export class LocalNetworks {
  readonly #options: FabricOptions
  readonly #linkOps: LinkOps
  readonly #problems: Problems
  readonly #prefix: string
  readonly #byNamespace = new Map<string, LocalNetwork>()
  /** Being made or mended just now. */
  readonly #opening = new Set<string>()
  /** Whether each change of the cluster view sets its network's `current` back. */
  followed = false

  constructor(options: FabricOptions, problems: Problems) {
    this.#options = options
    this.#linkOps = options.linkOps
    this.#problems = problems
    this.#prefix = options.namespacePrefix ?? 'kuryr-'
  }

  namespaceOf(networkId: string): string {
    return namespaceName(this.#prefix, networkId)
  }

  get(namespace: string): LocalNetwork | undefined {
    return this.#byNamespace.get(namespace)
  }

  all(): LocalNetwork[] {
    return [...this.#byNamespace.values()]
  }

  /** Forgets what is known of the namespace, so that {@link open} looks at the kernel again. */
  forget(namespace: string): void {
    this.#byNamespace.get(namespace)?.cancelUpdate?.()
    this.#byNamespace.delete(namespace)
  }

  /** Names of all namespaces in the kernel that are of our making. */
  async namespacesInKernel(): Promise<string[]> {
    return (await this.#linkOps.listNamespaces()).filter(name => isNamespaceName(this.#prefix, name))
  }

  /** Links of the namespace; none if it is not there or not whole. */
  async linksOf(namespace: string): Promise<Link[]> {
    try {
      return await this.#linkOps.listLinks(namespace)
    } catch (error) {
      if (failedBecause(error, 'absent')) return []
      throw error
    }
  }

  /** Makes the network's namespace, or mends one that is there. If a new one cannot be made, nothing of it is left. */
  async open(network: Network): Promise<LocalNetwork> {
    const spec = this.#specOf(network)
    const known = this.#byNamespace.get(spec.namespace)
    if (known !== undefined && known.networkId !== network.id) {
      const both = `networks ${known.networkId} and ${network.id} begin with the same 11 characters`
      throw new Error(`${both}: they cannot both be on this host; create one of them anew`)
    }
    if (known?.spec.vni === spec.vni && known.spec.mtu === spec.mtu) return known
    await this.#ensure(spec)
    const opened = known ?? new LocalNetwork(this.#linkOps, network.id, spec)
    opened.spec = spec
    opened.entries.distrust()
    opened.current = false
    this.#byNamespace.set(spec.namespace, opened)
    return opened
  }

  /**
   * Removes the namespace if no port's link but `except` is in it, by what the kernel says. Otherwise removes that link.
   * Absent ones are success.
   */
  async closeIfEmpty(namespace: string, except?: string): Promise<void> {
    const links = await this.linksOf(namespace)
    if (hostEnds(links).some(name => name !== except)) {
      if (except !== undefined) await this.#linkOps.deleteLinks(namespace, [except])
      return
    }
    this.forget(namespace)
    await removeNamespace(this.#linkOps, namespace, links)
  }

  /** {@link closeIfEmpty} after a failure that the caller is about to tell; a second failure is only logged. */
  async abandon(namespace: string): Promise<void> {
    try {
      await this.closeIfEmpty(namespace)
    } catch (error) {
      this.#options.log.warn(
        { err: error, namespace },
        'a namespace that could not be completed stays until the next start',
      )
    }
  }

  /** Makes the network's forwarding and neighbour entries what the cluster view says now. */
  async program(local: LocalNetwork): Promise<void> {
    const { view, host, localAddress } = this.#options
    // Before the first await: a change that comes while this is at work sets it back.
    local.current = this.followed
    const ports = view.ports(local.networkId)
    const desired = desiredEntries({ ports, host, localAddress, tunnelAddress: name => view.tunnelAddress(name) })
    local.remotePorts = desired.remotePorts
    this.#tellUnreachable(local.networkId, desired.unreachable)
    if (localAddress === undefined) return
    try {
      await local.entries.program(desired.entries)
    } catch (error) {
      local.current = false
      throw error
    }
  }

  #tellUnreachable(networkId: string, unreachable: Map<string, string>): void {
    const about = `network ${networkId}, other hosts`
    const reasons = [...unreachable].map(([host, reason]) => `${host} cannot be reached (${reason})`)
    if (reasons.length === 0) this.#problems.clear(about)
    else this.#problems.set(about, reasons.join('; '))
  }

  #specOf(network: Network): NamespaceSpec {
    const { localAddress, vxlanPort } = this.#options
    return { namespace: this.namespaceOf(network.id), vni: vniOf(network), mtu: network.mtu, localAddress, vxlanPort }
  }

  async #ensure(spec: NamespaceSpec): Promise<void> {
    this.#opening.add(spec.namespace)
    try {
      await this.#ensureWithFreeVni(spec)
    } catch (error) {
      await this.abandon(spec.namespace)
      throw error
    } finally {
      this.#opening.delete(spec.namespace)
    }
  }

  /**
   * A VNI is free for another network when its own is deleted, but a namespace that a crash left may still hold it; and
   * of a deleted namespace the kernel disposes in its own time.
   */
  async #ensureWithFreeVni(spec: NamespaceSpec): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await ensureNamespace(this.#linkOps, spec)
        return
      } catch (error) {
        if (!failedBecause(error, 'exists') || attempt === mostAttempts) throw error
      }
      await this.#removeUnused()
      await new Promise<void>(resolve => (this.#options.clock ?? systemClock).after(attempt * attemptDelay, resolve))
    }
  }

  async #removeUnused(): Promise<void> {
    for (const namespace of await this.namespacesInKernel()) {
      if (!this.#byNamespace.has(namespace) && !this.#opening.has(namespace)) await this.closeIfEmpty(namespace)
    }
  }
}
