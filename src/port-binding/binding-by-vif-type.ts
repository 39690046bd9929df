import { bindingFailedBinding } from './binding-failed/binding.ts'
import { BindingRefused } from './binding-refused.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from './port-binding.ts'
import { unboundBinding } from './unbound/binding.ts'

/** Bindings by `binding:vif_type`, as the daemon has them. */
export type BindingsByVifType = Record<string, PortBinding>

/**
 * The registry: a port is plugged by the binding of its `binding:vif_type`. `unbound` and `binding_failed` are always
 * known, and refuse.
 */
export class BindingByVifType implements PortBinding {
  readonly #bindings: Map<string, PortBinding>
  /** By which binding this daemon plugged a port: spares the others the question. */
  readonly #plugged = new Map<string, PortBinding>()

  constructor(bindings: BindingsByVifType) {
    const refusing = { unbound: unboundBinding, binding_failed: bindingFailedBinding }
    this.#bindings = new Map(Object.entries({ ...refusing, ...bindings }))
  }

  /** @throws BindingRefused if no binding can plug a port of this vif type. */
  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    const { id: portId, 'binding:vif_type': vifType } = request.port
    const binding = this.#bindings.get(vifType)
    if (binding === undefined) throw this.#unknown(portId, vifType)
    const before = this.#plugged.get(portId)
    if (before !== undefined && before !== binding) await before.unbind({ portId, networkId: request.network.id }, call)
    const bound = await binding.bind(request, call)
    this.#plugged.set(portId, binding)
    return bound
  }

  /**
   * Asks the binding that plugged the port; after a restart every one, for the port may be gone from Neutron by now, and
   * with it its vif type. Then all run, and the first failure is told.
   */
  async unbind(request: UnbindRequest, call: BindCall): Promise<void> {
    const known = this.#plugged.get(request.portId)
    const bindings = known === undefined ? [...this.#bindings.values()] : [known]
    // One after the other: they may look after the same links.
    const failures: unknown[] = []
    for (const binding of bindings) await binding.unbind(request, call).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
    this.#plugged.delete(request.portId)
  }

  /** What all of them have, each port once. */
  async plugs(call: BindCall): Promise<Plug[]> {
    const byPort = new Map<string, Plug>()
    for (const binding of this.#bindings.values()) {
      for (const plug of (await binding.plugs?.(call)) ?? []) byPort.set(plug.portId, plug)
    }
    return [...byPort.values()]
  }

  #unknown(portId: string, vifType: string): BindingRefused {
    const known = [...this.#bindings.keys()].filter(name => name !== 'unbound' && name !== 'binding_failed').join(', ')
    const what = `port ${portId} has binding:vif_type ${JSON.stringify(vifType)}, which this host cannot plug`
    const check = `check which mechanism driver of Neutron bound it (openstack port show ${portId})`
    return new BindingRefused(`${what}; it can plug: ${known}: ${check}`)
  }
}
