import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Subnet } from '../neutron/resources.ts'

/** The subnets of one network, asked for at most once during a CreateNetwork, unless something fails on what was told. */
export class PresentSubnets {
  readonly #neutron: Neutron
  readonly #networkId: string
  #known: Subnet[] | undefined

  /** @param known those that are there, where that is known: none, in a network that was made just now */
  constructor(neutron: Neutron, networkId: string, known?: Subnet[]) {
    this.#neutron = neutron
    this.#networkId = networkId
    this.#known = known
  }

  async list(call: Call): Promise<readonly Subnet[]> {
    return (this.#known ??= await this.#neutron.subnets.list({ network_id: this.#networkId }, call))
  }

  /** One that this call has made. */
  add(subnet: Subnet): void {
    this.#known?.push(subnet)
  }

  /** What was told turned out to be wrong. */
  forget(): void {
    this.#known = undefined
  }
}
