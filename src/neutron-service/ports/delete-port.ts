import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { found, kinds } from '../resource-kind.ts'
import { commit } from '../writes/commit.ts'

/** DELETE /ports/{id}: the port, its MAC and its addresses go in one transaction. */
export async function deletePort(context: ServiceContext, signal: AbortSignal, id: string): Promise<void> {
  await commit(context, signal, ({ tables }) => {
    const { value: port, modRevision } = found(kinds.ports, tables, id)
    const key = keys.port(id)
    const addresses = port.fixed_ips.map(fixed => keys.address(fixed.subnet_id, fixed.ip_address))
    return {
      when: [{ key, modRevision }],
      put: {},
      delete: [key, keys.mac(port.network_id, port.mac_address), ...addresses],
      mark: key,
      result: undefined,
    }
  })
}
