import type { Subnet } from '../../neutron/resources.ts'
import type { Condition } from '../../store/store.ts'
import { keys } from '../keys.ts'
import { unchanged } from '../writes/commit.ts'
import type { Tables } from '../replica/tables.ts'

/** What to write, and on which condition, so that the prefixes of `subnets` are free in their pools again. */
export function releasePoolPrefixes(
  tables: Tables,
  subnets: readonly Subnet[],
): { when: Condition[]; put: Record<string, unknown> } {
  const when: Condition[] = []
  const put: Record<string, unknown> = {}
  const gone = new Set(subnets.map(({ id }) => id))
  for (const poolId of new Set(subnets.map(subnet => subnet.subnetpool_id))) {
    const row = poolId === null ? undefined : tables.poolPrefixes.get(poolId)
    if (poolId === null) continue
    when.push(unchanged(keys.poolPrefixes(poolId), row))
    if (row) put[keys.poolPrefixes(poolId)] = row.value.filter(({ id }) => !gone.has(id))
  }
  return { when, put }
}
