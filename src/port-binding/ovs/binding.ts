import { failedBecause } from '../../host-network/host-network-error.ts'
import type { LinkOps } from '../../host-network/link-ops.ts'
import { checkedInterfaceName, checkedMac, hostInterfaceName, hybridPlugNames } from '../../host-network/names.ts'
import type { OvsdbClient } from '../../ovsdb/ovsdb-client.ts'
import { hostVeths, plugHostVeth } from '../host-veth.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from '../port-binding.ts'
import { linksOfPort, plugHybrid } from './hybrid-plug.ts'
import { SwitchPorts } from './switch-ports.ts'

/** `external_ids:owner` of our ports, as upstream's: those of VMs have none. */
const owner = 'kuryr'

/**
 * `binding:vif_type` `ovs`: OpenStack's Open vSwitch agent, and OVN. The port's device becomes a port of the integration
 * bridge; by its external ids the agent, or ovn-controller, knows the Neutron port, wires it and tells that it is ACTIVE.
 */
export class OvsBinding implements PortBinding {
  readonly #linkOps: LinkOps
  readonly #client: OvsdbClient
  readonly #switch: SwitchPorts
  /** Ports that this daemon has plugged: Open vSwitch must be there to unplug them. */
  readonly #bound = new Set<string>()

  constructor(linkOps: LinkOps, client: OvsdbClient) {
    this.#linkOps = linkOps
    this.#client = client
    this.#switch = new SwitchPorts(client)
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    call.signal?.throwIfAborted()
    this.#bound.add(request.port.id)
    try {
      return await this.#plug(request, call)
    } catch (error) {
      await this.unbind({ portId: request.port.id }, {}).catch((second: unknown) => {
        throw new AggregateError(
          [error, second],
          `${String(error)}; and what was made cannot be removed: ${String(second)}`,
        )
      })
      throw error
    }
  }

  /** The switch first: it would complain of a device that is gone. */
  async unbind({ portId }: UnbindRequest, call: BindCall): Promise<void> {
    call.signal?.throwIfAborted()
    if (this.#bound.has(portId) || this.#client.isThere()) await this.#removeFromSwitch(portId, call)
    await this.#linkOps.deleteLinks(undefined, linksOfPort(portId))
    this.#bound.delete(portId)
  }

  /** By the switch, whose database outlives the host's links, and by the links. */
  async plugs(call: BindCall): Promise<Plug[]> {
    const veths = new Map((await hostVeths(this.#linkOps)).map(plug => [plug.portId, plug]))
    if (!this.#client.isThere()) return [...veths.values()]
    for (const { name, externalIds } of await this.#switch.interfaces(call)) {
      const portId = externalIds['iface-id']
      if (externalIds.owner !== owner || portId === undefined || veths.has(portId)) continue
      if (namesIn(portId).includes(name)) veths.set(portId, { portId, inUse: false })
    }
    return [...veths.values()]
  }

  async #plug(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    const { port, endpointId } = request
    const details = port['binding:vif_details']
    const bridge = bridgeOf(details)
    const datapath = await this.#switch.datapathOf(bridge, call)
    const { switchEnd, containerEnd } = await this.#makeLinks(request, details.ovs_hybrid_plug === true)
    if (datapath === 'netdev') await this.#finishChecksums(containerEnd)
    const externalIds = {
      'attached-mac': checkedMac(port.mac_address),
      'iface-id': port.id,
      'iface-status': 'active',
      'vm-uuid': endpointId,
      owner,
    }
    await this.#switch.add({ name: switchEnd, bridge, externalIds }, call)
    return { containerInterface: containerEnd, wired: false }
  }

  /** The end of a running container is in its sandbox; it was done before it went there. */
  async #finishChecksums(device: string): Promise<void> {
    try {
      await this.#linkOps.finishChecksums({ namespace: undefined, device })
    } catch (error) {
      if (!failedBecause(error, 'absent')) throw error
    }
  }

  async #makeLinks(request: BindRequest, hybrid: boolean): Promise<{ switchEnd: string; containerEnd: string }> {
    if (hybrid) return plugHybrid(this.#linkOps, request)
    const { hostEnd, containerEnd } = await plugHostVeth(this.#linkOps, request)
    return { switchEnd: hostEnd, containerEnd }
  }

  async #removeFromSwitch(portId: string, call: BindCall): Promise<void> {
    await this.#switch.remove(namesIn(portId), call)
  }
}

/** The names that the port may have in the switch. */
function namesIn(portId: string): string[] {
  return [hostInterfaceName(portId), hybridPlugNames(portId).switchEnd]
}

/** The integration bridge that Neutron names; it names none where it is the usual one. */
function bridgeOf(details: Record<string, unknown>): string {
  const { bridge_name: name } = details
  return typeof name === 'string' && name !== '' ? checkedInterfaceName(name) : 'br-int'
}
