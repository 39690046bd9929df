import { raceAgainst } from '../concurrency/race-against.ts'
import type { BindCall, BindRequest, BoundInterface, PortBinding, UnbindRequest } from '../port-binding/port-binding.ts'

/**
 * The port binding for Docker's calls, which may come before the host's network is ready (at boot, while the store is
 * away): they wait for it, as long as their own deadline allows.
 */
export class DeferredBinding implements PortBinding {
  readonly #ready: Promise<PortBinding>

  constructor(ready: Promise<PortBinding>) {
    this.#ready = ready
    // Each call reports it; alone it must not end the process.
    ready.catch(() => undefined)
  }

  async bind(request: BindRequest, call: BindCall): Promise<BoundInterface> {
    return (await this.#within(call)).bind(request, call)
  }

  async unbind(request: UnbindRequest, call: BindCall): Promise<void> {
    return (await this.#within(call)).unbind(request, call)
  }

  async #within({ signal }: BindCall): Promise<PortBinding> {
    return signal ? raceAgainst(signal, this.#ready) : this.#ready
  }
}
