import { NeutronError } from '../../neutron/errors.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import type { Tables } from '../replica/tables.ts'
import { found, kinds } from '../resource-kind.ts'
import { releasePoolPrefixes } from '../subnetpools/pool-prefixes.ts'
import { commit, unchanged } from '../writes/commit.ts'

/** DELETE /networks/{id}. Its subnets go with it, as in Neutron; while it has a port it stays. */
export async function deleteNetwork(context: ServiceContext, signal: AbortSignal, id: string): Promise<void> {
  await commit(context, signal, ({ tables }) => {
    const { value: network } = found(kinds.networks, tables, id)
    checkNoPorts(tables, id)
    const list = tables.networkSubnets.get(id)
    const subnets = [...tables.subnets.with('network_id', id)]
    const released = releasePoolPrefixes(tables, subnets)
    const vni = network['provider:segmentation_id']
    const key = keys.network(id)
    const listKey = keys.networkSubnets(id)
    return {
      when: [
        { key, exists: true },
        { prefix: keys.macsOf(id), empty: true },
        // Nobody made or deleted a subnet meanwhile.
        unchanged(listKey, list),
        ...released.when,
      ],
      put: released.put,
      delete: [
        key,
        listKey,
        // By the list and not by the records: one that cannot be read must not be left behind.
        ...(list?.value ?? []).map(subnet => keys.subnet(subnet.id)),
        ...(typeof vni === 'number' ? [keys.vni(vni)] : []),
      ],
      mark: key,
      result: undefined,
    }
  })
}

function checkNoPorts(tables: Tables, id: string): void {
  if (tables.ports.count('network_id', id) === 0) return
  const message = `Unable to complete operation on network ${id}. There are one or more ports still in use on the network.`
  throw new NeutronError('NetworkInUse', message)
}
