import type { UpdateOptions } from '../../neutron/neutron.ts'
import type { SubnetPoolUpdate } from '../../neutron/requests.ts'
import type { SubnetPool } from '../../neutron/resources.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { checkRevision, revised } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { readSubnetPoolUpdate } from './subnetpool-bodies.ts'
import { checkedLengths, checkedPrefixes, checkOnlyDefault, checkPrefixesGrow } from './subnetpool-rules.ts'

/** PUT /subnetpools/{id}. Prefixes may only grow. */
export async function updateSubnetPool(
  context: ServiceContext,
  signal: AbortSignal,
  { id, body: request, options }: { id: string; body: SubnetPoolUpdate; options: UpdateOptions },
): Promise<SubnetPool> {
  const body = readSubnetPoolUpdate(request)
  return commit(context, signal, ({ tables }) => {
    const { value, modRevision } = found(kinds.subnetpools, tables, id)
    checkRevision(value, options.ifRevision)
    const { version, prefixes } = checkedPrefixes(body.prefixes ?? value.prefixes)
    checkPrefixesGrow(value, prefixes)
    const lengths = checkedLengths(version, { ...value, ...body })
    const changed = revised(context, value, { ...body, ...lengths, prefixes })
    checkOnlyDefault(tables, changed)
    const key = keys.subnetpool(id)
    return { when: [{ key, modRevision }], put: { [key]: changed }, delete: [], mark: key, result: changed }
  })
}
