import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { ifThere } from './if-there.ts'
import { portMarks } from './marks.ts'

/**
 * Gives an adopted port back to the operator as it was (upstream's D8, D9): free of owner, device and host, without a
 * mark of ours. Its name, MAC, description and addresses were never touched. The marks go last: killed before, the sweep
 * goes on.
 */
export async function giveBackPort(neutron: Neutron, { id }: Port, call: Call): Promise<void> {
  const free = { device_id: '', device_owner: '', 'binding:host_id': '' }
  // What tells of the container was added after the port was adopted: only Neutron knows all of its tags.
  const freed = neutron.ports.update(id, free, call)
  await ifThere(freed.then(({ tags }) => neutron.ports.removeTags(id, portMarks(tags), call)))
}
