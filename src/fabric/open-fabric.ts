import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import { failedBecause } from '../host-network/host-network-error.ts'
import { containerInterfaceName, hostInterfaceName } from '../host-network/names.ts'
import { plugVeth } from '../host-network/plug-veth.ts'
import type { Network, Port } from '../neutron/resources.ts'
import type { Fabric, FabricStatus } from './fabric.ts'
import type { FabricOptions } from './fabric-options.ts'
import { ViewFollower } from './follow-view.ts'
import { LocalNetworks } from './local-networks.ts'
import { bridgeName } from './network-namespace.ts'
import { Problems } from './problems.ts'
import { takeOver } from './take-over.ts'

/** Makes this host's {@link Fabric}. It touches nothing before `start`, `attach` or `detach` is called. */
export function openFabric(options: FabricOptions): Fabric {
  return new EmbeddedFabric(options)
}

class EmbeddedFabric implements Fabric {
  readonly #options: FabricOptions
  readonly #problems = new Problems()
  /** By namespace. */
  readonly #mutex = new KeyedMutex()
  readonly #networks: LocalNetworks
  readonly #follower: ViewFollower
  readonly #stopped = new AbortController()

  constructor(options: FabricOptions) {
    this.#options = options
    this.#networks = new LocalNetworks(options, this.#problems)
    this.#follower = new ViewFollower(this.#parts())
  }

  async start(): Promise<void> {
    await this.#options.view.ready(this.#stopped.signal)
    // First follow, then look: a change in between is then at worst seen twice.
    this.#follower.start()
    await takeOver(this.#parts(), this.#follower)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#follower.stop()
    const idle = this.#networks.all().map(local => this.#mutex.run(local.spec.namespace, () => Promise.resolve()))
    await Promise.all(idle)
  }

  async attach(port: Port, network: Network): Promise<void> {
    const namespace = this.#networks.namespaceOf(network.id)
    await this.#mutex.run(namespace, async () => {
      const known = this.#networks.get(namespace) !== undefined
      try {
        await this.#attach(port, network)
      } catch (error) {
        if (!known || !failedBecause(error, 'absent')) throw error
        this.#options.log.warn({ err: error, namespace }, 'the namespace has vanished; making it anew')
        this.#networks.forget(namespace)
        await this.#attach(port, network)
      }
    })
  }

  async detach(portId: string, networkId: string): Promise<void> {
    const namespace = this.#networks.namespaceOf(networkId)
    const hostEnd = hostInterfaceName(portId)
    await this.#mutex.run(namespace, async () => {
      const local = this.#networks.get(namespace)
      const others = [...(local?.ports ?? [])].some(id => id !== portId)
      if (others) await this.#options.linkOps.deleteLinks(namespace, [hostEnd])
      else await this.#networks.closeIfEmpty(namespace, hostEnd)
      local?.ports.delete(portId)
      this.#problems.clear(`port ${portId}`)
    })
  }

  status(): FabricStatus {
    return {
      localAddress: this.#options.localAddress,
      networks: this.#networks.all().map(local => ({
        networkId: local.networkId,
        vni: local.spec.vni,
        namespace: local.spec.namespace,
        localPorts: local.ports.size,
        remotePorts: local.remotePorts,
      })),
      problems: this.#problems.list(),
    }
  }

  /** Entries first, veth last: the veth is one atomic act, so a failure leaves no port half plugged. */
  async #attach(port: Port, network: Network): Promise<void> {
    const local = await this.#networks.open(network)
    const { namespace, mtu } = local.spec
    try {
      if (!local.current) await this.#networks.program(local)
      const names = { hostEnd: hostInterfaceName(port.id), containerEnd: containerInterfaceName(port.id) }
      await plugVeth(this.#options.linkOps, { namespace, bridge: bridgeName, mac: port.mac_address, mtu, ...names })
    } catch (error) {
      if (local.ports.size === 0) await this.#networks.abandon(namespace)
      throw error
    }
    local.ports.add(port.id)
    this.#problems.clear(`port ${port.id}`)
  }

  #parts() {
    return { options: this.#options, networks: this.#networks, mutex: this.#mutex, problems: this.#problems }
  }
}
