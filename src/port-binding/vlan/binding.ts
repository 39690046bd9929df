import { setTimeout as delay } from 'node:timers/promises'
import { isNotFound, NeutronError } from '../../neutron/errors.ts'
import type { Call } from '../../neutron/neutron.ts'
import type { Port } from '../../neutron/resources.ts'
import type { Trunk, Trunks } from '../../neutron/trunks.ts'
import { BindingRefused } from '../binding-refused.ts'
import { childLinks, plugChildLink, unplugChildLink } from '../child-link.ts'
import type { NestedParts } from '../nested-binding.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'
import { VmPort } from '../vm-port.ts'

export interface VlanParts extends NestedParts {
  neutron: NestedParts['neutron'] & { trunks: Trunks }
}

const lastVlan = 4094
/** Times that a VLAN id is chosen anew when another container took it first, and milliseconds between them. */
const attempts = 20
const longestPause = 100

/**
 * Containers inside a VM, on networks of their own: the container's port becomes a subport of the trunk whose parent is
 * the VM's port, and its frames pass the VM's interface as a VLAN.
 */
export class VlanBinding implements PortBinding {
  /** Neutron gives a subport the host of its trunk's parent. */
  readonly isOnAnyHost = true
  readonly #parts: VlanParts
  readonly #vmPort: VmPort

  constructor(parts: VlanParts) {
    this.#parts = parts
    this.#vmPort = new VmPort({ ...parts, ports: parts.neutron.ports })
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    const { port } = request
    try {
      const vlan = await this.#subPortOf(port, call)
      const child = { kind: 'vlan', parent: this.#parts.parent, mac: port.mac_address, vlan } as const
      return { containerInterface: await plugChildLink(this.#parts.linkOps, request, child), wired: false }
    } catch (error) {
      await this.unbind({ portId: port.id }, {})
      throw error
    }
  }

  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    await unplugChildLink(this.#parts.linkOps, portId)
    const trunk = await this.#trunk(call)
    if (!trunk.sub_ports.some(({ port_id }) => port_id === portId)) return
    await this.#parts.neutron.trunks.removeSubPort(trunk.id, portId, call)
  }

  plugs(): Promise<Plug[]> {
    return childLinks(this.#parts.linkOps, 'vlan')
  }

  /** The VLAN id of the port on the trunk, to which it is added if it is not there. */
  async #subPortOf(port: Port, call: BindCall): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const trunk = await this.#trunk(call)
      const present = trunk.sub_ports.find(({ port_id }) => port_id === port.id)
      if (present !== undefined) return present.segmentation_id
      const vlan = freeVlan(trunk)
      try {
        await this.#add(trunk.id, port, vlan, call)
        return vlan
      } catch (error) {
        const taken = error instanceof NeutronError && error.status === 409
        if (!taken || attempt === attempts) throw error
      }
      await delay(Math.random() * longestPause, undefined, { signal: call.signal })
    }
  }

  /** Neutron takes no port that has a device: it is told the endpoint again afterwards. */
  async #add(trunkId: string, port: Port, vlan: number, call: BindCall): Promise<void> {
    const { ports, trunks } = this.#parts.neutron
    const subPort = { port_id: port.id, segmentation_type: 'vlan', segmentation_id: vlan }
    if (port.device_id !== '') await ports.update(port.id, { device_id: '' }, call)
    try {
      await trunks.addSubPort(trunkId, subPort, call)
    } finally {
      if (port.device_id !== '') await restoreDevice(ports, port, call)
    }
  }

  async #trunk(call: Call): Promise<Trunk> {
    const vm = await this.#vmPort.find(call)
    const trunk = await this.#parts.neutron.trunks.ofParent(vm.id, call)
    if (trunk !== undefined) return trunk
    const todo = `make one (openstack network trunk create --parent-port ${vm.id} …)`
    throw new BindingRefused(`the VM's port ${vm.id} is the parent of no trunk: ${todo}`)
  }
}

async function restoreDevice(ports: VlanParts['neutron']['ports'], port: Port, call: BindCall): Promise<void> {
  try {
    await ports.update(port.id, { device_id: port.device_id }, call)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** @throws {BindingRefused} if all VLAN ids of the trunk are taken */
function freeVlan({ id, sub_ports }: Trunk): number {
  const taken = new Set(sub_ports.map(({ segmentation_id }) => segmentation_id))
  for (let vlan = 1; vlan <= lastVlan; vlan++) if (!taken.has(vlan)) return vlan
  throw new BindingRefused(`trunk ${id} has ${lastVlan} subports, and so no free VLAN id`)
}
