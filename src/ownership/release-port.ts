import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { giveBackPort } from './give-back-port.ts'
import { ifThere } from './if-there.ts'
import { ADOPTED_PORT_TAG, CREATED_PORT_TAG } from './marks.ts'

/** Lets go of a container's port: one that we made is deleted, the operator's own is given back. */
export async function releasePort(neutron: Neutron, port: Port, call: Call): Promise<void> {
  if (port.tags.includes(CREATED_PORT_TAG)) await ifThere(neutron.ports.delete(port.id, call))
  else if (port.tags.includes(ADOPTED_PORT_TAG)) await giveBackPort(neutron, port, call)
}
