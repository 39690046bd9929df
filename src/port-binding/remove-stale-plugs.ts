import { isNotFound } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Plug, PortBinding } from './port-binding.ts'

export interface StalePlugsParts {
  binding: PortBinding
  neutron: { ports: Pick<Neutron['ports'], 'show'> }
  /** This host's name in Neutron (`binding:host_id`). */
  host: string
  log: { info(about: object, text: string): void; warn(about: object, text: string): void }
}

/**
 * Removes what this host's kernel and Open vSwitch still have of ports that Neutron no longer has, or has elsewhere: what
 * a daemon or a host that died left behind (upstream's L6). To be run at start.
 *
 * Where Neutron knows not one of the host's ports, those that containers use are left alone: then it is more likely that
 * the daemon asks the wrong Neutron.
 *
 * @returns the ids of the ports whose plugs were removed
 */
export async function removeStalePlugs(parts: StalePlugsParts, call: Call): Promise<string[]> {
  const { binding, log } = parts
  const plugs = (await binding.plugs?.(call)) ?? []
  const stale: Plug[] = []
  for (const plug of plugs) if (!(await isHere(parts, plug.portId, call))) stale.push(plug)
  const strange = stale.length === plugs.length && stale.some(({ inUse }) => inUse)
  if (strange) {
    const ports = stale.filter(({ inUse }) => inUse).map(({ portId }) => portId)
    const todo = 'check the configuration; if all of them were deleted on purpose, restart their containers'
    log.warn({ ports }, `Neutron knows none of the ports that containers on this host use: left as they are; ${todo}`)
  }
  const removed: string[] = []
  for (const { portId, inUse } of stale) {
    if (strange && inUse) continue
    log.info({ portId, inUse }, 'removing what is left of a port that is no more')
    await binding.unbind({ portId }, call)
    removed.push(portId)
  }
  return removed
}

/** A host id that is not shown (it needs the admin role) is taken for this host's. */
async function isHere({ binding, neutron, host }: StalePlugsParts, portId: string, call: Call): Promise<boolean> {
  try {
    const port = (await neutron.ports.show(portId, call)) as { 'binding:host_id'?: string }
    return binding.isOnAnyHost === true || (port['binding:host_id'] ?? host) === host
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
