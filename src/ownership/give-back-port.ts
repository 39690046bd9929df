import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { ifThere } from './if-there.ts'
import { exposedGroupsOf, portMarks } from './marks.ts'

/**
 * Gives an adopted port back to the operator as it was (upstream's D8, D9): free of owner, device and host, without a
 * security group or mark of ours. Its name, MAC, description and addresses were never touched. The marks go last: killed
 * before, the sweep goes on.
 */
export async function giveBackPort(neutron: Neutron, { id }: Pick<Port, 'id'>, call: Call): Promise<void> {
  const free = { device_id: '', device_owner: '', 'binding:host_id': '' }
  // What was marked after the port was adopted only Neutron knows, and the operator may have changed its groups.
  const freed = neutron.ports.update(id, free, call)
  await ifThere(freed.then(port => unmark(neutron, port, call)))
}

async function unmark(neutron: Neutron, { id, tags, security_groups: groups }: Port, call: Call): Promise<void> {
  const exposed = exposedGroupsOf(tags)
  const left = groups.filter(group => !exposed.includes(group))
  if (left.length < groups.length) await neutron.ports.update(id, { security_groups: left }, call)
  await neutron.ports.removeTags(id, portMarks(tags), call)
}
