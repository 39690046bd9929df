import { NeutronError } from '../../neutron/errors.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { releasePoolPrefixes } from '../subnetpools/pool-prefixes.ts'
import { commit, unchanged } from '../writes/commit.ts'

/** DELETE /subnets/{id}: only while no port has an address of it. Its prefix is free in its pool again. */
export async function deleteSubnet(context: ServiceContext, signal: AbortSignal, id: string): Promise<void> {
  await commit(context, signal, ({ tables }) => {
    const { value: subnet } = found(kinds.subnets, tables, id)
    if (tables.addresses.inUse(id) > 0) {
      const message = `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`
      throw new NeutronError('SubnetInUse', message)
    }
    const released = releasePoolPrefixes(tables, [subnet])
    const list = tables.networkSubnets.get(subnet.network_id)
    const listKey = keys.networkSubnets(subnet.network_id)
    const key = keys.subnet(id)
    const put = list ? { [listKey]: list.value.filter(entry => entry.id !== id) } : {}
    return {
      when: [
        { key, exists: true },
        { prefix: keys.addressesOf(id), empty: true },
        unchanged(listKey, list),
        ...released.when,
      ],
      put: { ...put, ...released.put },
      delete: [key],
      mark: key,
      result: undefined,
    }
  })
}
