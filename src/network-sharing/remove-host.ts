import { setTimeout as sleep } from 'node:timers/promises'
import { hostTag } from '../ownership/marks.ts'
import { releasePort } from '../ownership/release-port.ts'
import type { RemovedHost } from './network-sharing.ts'
import type { HostRecord } from './shared-network.ts'
import type { SharingContext } from './sharing-context.ts'

/** Milliseconds: a killed daemon counts as alive until its lease in the network service has run out. */
const LONGEST_DEATH = 40_000

/**
 * Ends a host's part for good. First it is noted as removed, so that a host that comes back all the same does not bring
 * back what was removed meanwhile; the rest can be repeated.
 *
 * @throws {RangeError}
 */
export async function removeHost(
  context: SharingContext,
  host: string,
  { force }: { force: boolean },
): Promise<RemovedHost> {
  const { records, log } = context
  const record = expectRemovable(context, host, force)
  await records.putHost({ ...record, removed: record.removed ?? new Date().toISOString() })
  const networks = [...records.view.ids()].filter(id => records.view.member(id, host))
  for (const id of networks) await records.removeMember(id, host)
  const ports = await releasePorts(context, host)
  await deleteAgents(context, host)
  log.info({ removedHost: host, networks: networks.length, ports }, 'host removed for good')
  return { host, networks: networks.length, ports }
}

function expectRemovable({ records, host: own }: SharingContext, host: string, force: boolean): HostRecord {
  const record = records.view.hosts().find(known => known.host === host)
  if (!record) {
    const known = records.view.hosts().map(other => other.host)
    throw new RangeError(`no host ${JSON.stringify(host)} takes part: expected one of ${known.join(', ') || 'none'}`)
  }
  if (host === own) {
    throw new RangeError(`${host} is this very host: stop kuryr here, then remove it from another host`)
  }
  if (records.view.isAlive(host) && !force) {
    throw new RangeError(
      `host ${host} is alive, and its containers would lose their network: stop kuryr there first, or give --force`,
    )
  }
  return record
}

/** Bound to the host, or made by its daemon for a container that never started. */
async function releasePorts({ neutron, signal }: SharingContext, host: string): Promise<number> {
  const bound = await neutron.ports.list({ 'binding:host_id': host }, { signal })
  const young = await neutron.ports.list({ tags: [hostTag(host)], device_id: '' }, { signal })
  const ports = new Map([...bound, ...young].map(port => [port.id, port]))
  for (const port of ports.values()) await releasePort(neutron, port, { signal })
  return ports.size
}

/** @throws {RangeError} when the host's daemon still runs. */
async function deleteAgents({ neutron, signal }: SharingContext, host: string): Promise<void> {
  const deadline = Date.now() + LONGEST_DEATH
  for (;;) {
    const agents = await neutron.agents.list({ host, binary: 'kuryr' }, { signal })
    for (const agent of agents.filter(({ alive }) => !alive)) await neutron.agents.delete(agent.id, { signal })
    if (!agents.some(({ alive }) => alive)) return
    if (Date.now() > deadline) {
      throw new RangeError(
        `kuryr still runs on host ${host}: its ports were let go, and it takes part again; stop kuryr there, then repeat this`,
      )
    }
    await sleep(500, undefined, { signal })
  }
}
