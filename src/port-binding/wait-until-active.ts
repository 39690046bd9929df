import { setTimeout as delay } from 'node:timers/promises'
import type { Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { BindingRefused } from './binding-refused.ts'
import type { BindCall, BindRequest, BoundInterface, Plug, PortBinding, UnbindRequest } from './port-binding.ts'

export interface ActivationOptions {
  /** Milliseconds after which a port that is not ACTIVE fails the start of its container. */
  patience: number
}

/** Milliseconds between two questions: each costs neutron-server some 25 ms of its processor. */
const firstPause = 200
const longestPause = 1000

/**
 * `[neutron] vif_plugging_is_fatal`: a port counts as plugged when Neutron says that it is ACTIVE, so that the first
 * packet of a container passes (upstream's R8). Docker holds its network's lock meanwhile, for `patience` at the most.
 * A port that does not become ACTIVE is unplugged again.
 */
export class ActiveBinding implements PortBinding {
  readonly #inner: PortBinding
  readonly #neutron: { ports: Pick<Neutron['ports'], 'show'> }
  readonly #options: ActivationOptions

  constructor(inner: PortBinding, neutron: { ports: Pick<Neutron['ports'], 'show'> }, options: ActivationOptions) {
    this.#inner = inner
    this.#neutron = neutron
    this.#options = options
  }

  /** @throws BindingRefused if the port is not ACTIVE in time */
  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    const bound = await this.#inner.bind(request, call)
    if (bound.wired) return bound
    try {
      await this.#untilActive(request.port, call)
    } catch (error) {
      await this.#inner.unbind({ portId: request.port.id, networkId: request.network.id }, {})
      throw error
    }
    return bound
  }

  unbind(request: UnbindRequest, call: BindCall): Promise<void> {
    return this.#inner.unbind(request, call)
  }

  async plugs(call: BindCall): Promise<Plug[]> {
    return (await this.#inner.plugs?.(call)) ?? []
  }

  async #untilActive({ id }: Port, call: BindCall): Promise<void> {
    const end = performance.now() + this.#options.patience
    const late = AbortSignal.timeout(this.#options.patience)
    const signal = call.signal ? AbortSignal.any([late, call.signal]) : late
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      const now = await this.#neutron.ports.show(id, { signal }).catch((error: unknown) => {
        call.signal?.throwIfAborted()
        if (late.aborted) return undefined
        throw error
      })
      if (now?.status === 'ACTIVE') return
      if (now === undefined || performance.now() + pause > end) throw notActive(id, now, this.#options.patience)
      await delay(pause, undefined, { signal: call.signal })
    }
  }
}

function notActive(id: string, port: Port | undefined, patience: number): BindingRefused {
  const seen = port === undefined ? 'Neutron did not answer' : `its status is ${port.status}`
  const host = JSON.stringify(port?.['binding:host_id'] ?? '')
  const check = `check the L2 agent's log on host ${host}, and that it is alive (openstack network agent list)`
  const further = 'or give [neutron] vif_plugging_timeout more seconds'
  return new BindingRefused(
    `port ${id} did not become ACTIVE within ${patience / 1000} s (${seen}): ${check}, ${further}`,
  )
}
