import type { LinkOps } from '../host-network/link-ops.ts'
import { isNotFound } from '../neutron/errors.ts'
import type { Port } from '../neutron/resources.ts'
import { type AddressPair, allowPairs, disallowPairs, type PortCalls } from './allowed-address-pairs.ts'
import { BindingRefused } from './binding-refused.ts'
import { childLinks, plugChildLink, unplugChildLink } from './child-link.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from './port-binding.ts'
import { VmPort } from './vm-port.ts'

export interface NestedParts {
  linkOps: LinkOps
  neutron: { ports: PortCalls }
  /** `[binding] link_iface`: the VM's interface. */
  parent: string
}

/**
 * Containers inside a VM, on the VM's own network: each gets a child of the VM's interface, and the VM's port is allowed
 * the addresses of the container's. No agent takes part: what the VM's port may, passes.
 */
export class NestedBinding implements PortBinding {
  readonly #parts: NestedParts
  readonly #kind: 'macvlan' | 'ipvlan'
  readonly #vmPort: VmPort

  constructor(kind: 'macvlan' | 'ipvlan', parts: NestedParts) {
    this.#kind = kind
    this.#parts = parts
    this.#vmPort = new VmPort({ ...parts, ports: parts.neutron.ports })
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    const { port } = request
    const vm = await this.#vmPort.find(call)
    if (vm.network_id !== port.network_id) throw otherNetwork(port, vm)
    try {
      const mac = this.#kind === 'macvlan' ? { mac: port.mac_address } : {}
      const name = await plugChildLink(this.#parts.linkOps, request, {
        kind: this.#kind,
        parent: this.#parts.parent,
        ...mac,
      })
      await allowPairs(this.#parts.neutron.ports, vm.id, this.#pairs(port, vm), call)
      return { containerInterface: name, wired: false, ...(this.#kind === 'ipvlan' && { keepsOwnMac: true }) }
    } catch (error) {
      await unplugChildLink(this.#parts.linkOps, port.id)
      throw error
    }
  }

  /** The pairs while Neutron still knows the container's port: unbind comes before its deletion. */
  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    await unplugChildLink(this.#parts.linkOps, portId)
    const { ports } = this.#parts.neutron
    const port = await ports.show(portId, call).catch((error: unknown) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    if (port === undefined) return
    const vm = await this.#vmPort.find(call)
    await disallowPairs(ports, vm.id, this.#pairs(port, vm), call)
  }

  plugs(): Promise<Plug[]> {
    return childLinks(this.#parts.linkOps, this.#kind)
  }

  /** ipvlan's links all have the MAC of their parent. */
  #pairs({ fixed_ips, mac_address: own }: Port, vm: Port): AddressPair[] {
    const mac_address = this.#kind === 'macvlan' ? own : vm.mac_address
    return fixed_ips.map(({ ip_address }) => ({ ip_address, mac_address }))
  }
}

function otherNetwork(port: Port, vm: Port): BindingRefused {
  const what = `port ${port.id} is in network ${port.network_id}, but the VM's port ${vm.id} is in ${vm.network_id}`
  const todo = `create the Docker network with -o neutron.net.uuid=${vm.network_id}`
  return new BindingRefused(`${what}: containers inside a VM are on its own network; ${todo}`)
}
