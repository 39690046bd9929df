import { NeutronError } from '../../neutron/errors.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { commit, unchanged } from '../writes/commit.ts'

/** DELETE /subnetpools/{id}: only while no subnet is allocated from it. */
export async function deleteSubnetPool(context: ServiceContext, signal: AbortSignal, id: string): Promise<void> {
  await commit(context, signal, ({ tables }) => {
    found(kinds.subnetpools, tables, id)
    const row = tables.poolPrefixes.get(id)
    if (row && row.value.length > 0) {
      const message = `Unable to complete operation on subnet pool ${id}. Subnet pool has existing allocations.`
      throw new NeutronError('SubnetPoolInUse', message)
    }
    const key = keys.subnetpool(id)
    const prefixesKey = keys.poolPrefixes(id)
    return {
      when: [{ key, exists: true }, unchanged(prefixesKey, row)],
      put: {},
      delete: [key, prefixesKey],
      mark: key,
      result: undefined,
    }
  })
}
