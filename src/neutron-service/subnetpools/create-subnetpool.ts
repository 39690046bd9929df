import type { SubnetPoolCreate } from '../../neutron/requests.ts'
import type { SubnetPool } from '../../neutron/resources.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { bornAttributes } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { readSubnetPoolCreate } from './subnetpool-bodies.ts'
import { checkedLengths, checkedPrefixes, checkOnlyDefault } from './subnetpool-rules.ts'

/** POST /subnetpools. */
export async function createSubnetPool(
  context: ServiceContext,
  signal: AbortSignal,
  request: SubnetPoolCreate,
): Promise<SubnetPool> {
  const body = readSubnetPoolCreate(request)
  const { version, prefixes } = checkedPrefixes(body.prefixes)
  const pool: SubnetPool = {
    ...bornAttributes(context, body),
    prefixes,
    ip_version: version,
    ...checkedLengths(version, body),
    default_quota: body.default_quota ?? null,
    address_scope_id: null,
    shared: body.shared ?? false,
    is_default: body.is_default ?? false,
  }
  return commit(context, signal, ({ tables }) => {
    checkOnlyDefault(tables, pool)
    const key = keys.subnetpool(pool.id)
    return {
      when: [{ key, exists: false }],
      put: { [key]: pool, [keys.poolPrefixes(pool.id)]: [] },
      delete: [],
      mark: key,
      result: pool,
    }
  })
}
