import type { LinkOps } from '../host-network/link-ops.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import type { PortCalls } from './allowed-address-pairs.ts'
import { BindingRefused } from './binding-refused.ts'

/**
 * The Neutron port of the VM that this host is, by the MAC of the interface that containers' links are children of. A
 * VM's port does not change while the VM runs, so it is asked for once.
 */
export class VmPort {
  readonly #linkOps: LinkOps
  readonly #ports: PortCalls
  readonly #parent: string
  #found: Port | undefined

  constructor({ linkOps, ports, parent }: { linkOps: LinkOps; ports: PortCalls; parent: string }) {
    this.#linkOps = linkOps
    this.#ports = ports
    this.#parent = parent
  }

  /** @throws BindingRefused if there is no such interface, or Neutron knows no port of its MAC, or several */
  async find(call: Call): Promise<Port> {
    return (this.#found ??= await this.#lookUp(call))
  }

  async #lookUp(call: Call): Promise<Port> {
    const link = (await this.#linkOps.listLinks(undefined)).find(({ name }) => name === this.#parent)
    const setting = '[binding] link_iface in kuryr.conf'
    if (link === undefined) {
      throw new BindingRefused(`this host has no interface ${JSON.stringify(this.#parent)}: set ${setting} to the VM's`)
    }
    const [port, ...others] = await this.#ports.list({ mac_address: link.mac }, call)
    if (port === undefined || others.length > 0) {
      const found = port === undefined ? 'no port' : `${others.length + 1} ports`
      const check = `check that ${setting} names the interface that Nova made, and that kuryr may see the VM's port`
      throw new BindingRefused(`Neutron has ${found} with MAC ${link.mac} of ${this.#parent}: ${check}`)
    }
    return port
  }
}
