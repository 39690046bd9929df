import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { isNotFound, NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import { type SubPort, Trunk, type Trunks } from '../neutron/trunks.ts'
import type { NetworkingCalls } from './networking-calls.ts'
import { readBody } from './read-resource.ts'

const TrunkList = Type.Array(Trunk)

/** {@link Trunks} of OpenStack's Neutron (extension `trunk`). */
export class TrunkCalls implements Trunks {
  readonly #calls: NetworkingCalls

  constructor(calls: NetworkingCalls) {
    this.#calls = calls
  }

  async ofParent(portId: string, { signal }: Call = {}): Promise<Trunk | undefined> {
    const path = `/trunks?port_id=${encodeURIComponent(portId)}`
    const answer = await this.#calls.ask({ method: 'GET', path, signal }, 'HTTPNotFound')
    const { content } = readBody(answer.text, 'trunks')
    if (!Check(TrunkList, content)) throw new NeutronError('InternalServerError', `GET ${path}: expected trunks`)
    return content[0]
  }

  async addSubPort(trunkId: string, subPort: SubPort, { signal }: Call = {}): Promise<void> {
    await this.#change(trunkId, 'add_subports', [subPort], signal)
  }

  async removeSubPort(trunkId: string, portId: string, { signal }: Call = {}): Promise<void> {
    try {
      await this.#change(trunkId, 'remove_subports', [{ port_id: portId }], signal)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async #change(trunkId: string, act: string, sub_ports: object[], signal: AbortSignal | undefined): Promise<void> {
    const path = `/trunks/${encodeURIComponent(trunkId)}/${act}`
    await this.#calls.ask({ method: 'PUT', path, body: { sub_ports }, signal }, 'HTTPNotFound')
  }
}
