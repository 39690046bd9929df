import type { UpdateOptions } from '../../neutron/neutron.ts'
import type { NetworkUpdate } from '../../neutron/requests.ts'
import type { Network } from '../../neutron/resources.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { checkRevision, revised } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { checkMtu } from './mtu.ts'
import { readNetworkUpdate } from './network-bodies.ts'
import { presentNetwork } from './present-network.ts'

/** PUT /networks/{id}. */
export async function updateNetwork(
  context: ServiceContext,
  signal: AbortSignal,
  { id, body: request, options }: { id: string; body: NetworkUpdate; options: UpdateOptions },
): Promise<Network> {
  const body = readNetworkUpdate(request)
  checkMtu(context, body.mtu)
  return commit(context, signal, ({ tables }) => {
    const { value, modRevision } = found(kinds.networks, tables, id)
    checkRevision(value, options.ifRevision)
    const changed = revised(context, value, body)
    const key = keys.network(id)
    const result = presentNetwork(tables, changed)
    return { when: [{ key, modRevision }], put: { [key]: changed }, delete: [], mark: key, result }
  })
}
