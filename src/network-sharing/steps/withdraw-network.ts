import { containerPorts, hostOfPort } from '../../ownership/container-ports.ts'
import type { SharedNetwork } from '../shared-network.ts'
import type { SharingContext } from '../sharing-context.ts'
import { leaveNetwork } from './leave-network.ts'
import { makeReplica } from './make-replica.ts'

/**
 * The user removed the network on this host (Docker lets no plugin refuse that). Nobody elsewhere uses it: it goes on
 * every host. Somebody does: it is made again here, and the record tells why.
 */
export async function withdrawNetwork(context: SharingContext, record: SharedNetwork): Promise<void> {
  const { neutron, records, host, via, log, signal } = context
  const { id, name } = record
  const ports = await containerPorts(neutron, id, { signal })
  const usedOn = [...new Set(ports.map(hostOfPort).filter(user => user !== host))].sort()
  if (usedOn.length === 0) {
    log.info({ sharedId: id, network: name }, 'shared network removed here: it goes on every host')
    await records.withdraw(id, host)
    return
  }
  // A cluster store's network cannot be made again under its id: the hosts that use it keep it.
  if (via === 'cluster') {
    context.memberships.forget(id)
    return leaveNetwork(context, id)
  }
  log.warn({ sharedId: id, network: name, usedOn }, 'shared network removed here while in use elsewhere: made again')
  const undone = `its removal on ${host} at ${new Date().toISOString()} was undone: containers on ${usedOn.join(', ')} use it`
  await makeReplica(context, record, undone)
}
