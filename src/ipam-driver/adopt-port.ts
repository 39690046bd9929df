import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { ADOPTED_PORT_TAG, DEVICE_OWNER, hostTag } from '../ownership/marks.ts'
import type { IpamContext } from './context.ts'

/**
 * Takes the port that has this address, if there is one, for the container: a port that the operator made for it, free
 * of any owner. A port of a VM, a router, DHCP or another container is refused (upstream's B2), and of two containers
 * that want the same port the second is (R4: the update names the revision that was looked at).
 *
 * @returns `undefined` when no port has the address.
 * @throws {PluginError} 409, naming the port and its owner.
 */
export async function adoptPort(
  { neutron, options }: IpamContext,
  { subnet, address }: { subnet: Subnet; address: string },
  call: PluginCall,
): Promise<Port | undefined> {
  const fixed_ips = [`subnet_id=${subnet.id}`, `ip_address=${address}`]
  const [port] = await neutron.ports.list({ network_id: subnet.network_id, fixed_ips }, call)
  if (!port) return undefined
  refuseOwned(port, address)
  // The tags come first: a daemon that dies after them leaves a port that is still free.
  await neutron.ports.addTags(port.id, [ADOPTED_PORT_TAG, hostTag(options.host)], call)
  const marked = await neutron.ports.show(port.id, call)
  refuseOwned(marked, address)
  try {
    const condition = { signal: call.signal, ifRevision: marked.revision_number }
    return await neutron.ports.update(port.id, { device_owner: DEVICE_OWNER }, condition)
  } catch (error) {
    if (error instanceof NeutronError && error.type === 'RevisionNumberConstraintFailed') throw inUse(port, address)
    throw error
  }
}

function refuseOwned(port: Port, address: string): void {
  if (port.device_owner !== '' || port.device_id !== '' || port['binding:host_id'] !== '') throw inUse(port, address)
}

function inUse(port: Port, address: string): PluginError {
  const owner = port.device_owner || 'another container'
  const host = port['binding:host_id'] ? ` on host ${port['binding:host_id']}` : ''
  return new PluginError(
    409,
    `address ${address} is in use by port ${port.id} of ${owner}${host}: give another --ip, or free that port`,
  )
}
