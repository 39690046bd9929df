import { BindingRefused } from './binding-refused.ts'
import { refuseBindingFailed } from './binding-failed/refuse-binding-failed.ts'
import type { BindCall, BindRequest, BoundInterface, PortBinding, UnbindRequest } from './port-binding.ts'
import { refuseUnbound } from './unbound/refuse-unbound.ts'

/** Bindings by `binding:vif_type`, as the daemon has them. */
export type BindingsByVifType = Record<string, PortBinding>

/**
 * The registry: a port is plugged by the binding of its `binding:vif_type`. `unbound` and `binding_failed` are always
 * known, and refuse.
 */
export class BindingByVifType implements PortBinding {
  readonly #bindings: Map<string, PortBinding>

  constructor(bindings: BindingsByVifType) {
    const refusing = { unbound: refuseUnbound, binding_failed: refuseBindingFailed }
    this.#bindings = new Map(Object.entries({ ...refusing, ...bindings }))
  }

  /** @throws BindingRefused if no binding can plug a port of this vif type. */
  bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    const vifType = request.port['binding:vif_type']
    const binding = this.#bindings.get(vifType)
    if (binding !== undefined) return binding.bind(request, call)
    const known = [...this.#bindings.keys()].filter(name => name !== 'unbound' && name !== 'binding_failed').join(', ')
    const what = `port ${request.port.id} has binding:vif_type ${JSON.stringify(vifType)}`
    return Promise.reject(new BindingRefused(`${what}, which this host cannot plug; it can plug: ${known}`))
  }

  /** Asks every binding: the port may be gone from Neutron by now, and with it its vif type. All run; the first failure is told. */
  async unbind(request: UnbindRequest, call: BindCall): Promise<void> {
    const bindings = [...this.#bindings.values()]
    const results = await Promise.allSettled(bindings.map(binding => binding.unbind(request, call)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}
