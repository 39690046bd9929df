import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { giveBackPort } from '../ownership/give-back-port.ts'
import { ifThere } from '../ownership/if-there.ts'
import { ADOPTED_PORT_TAG, DEVICE_OWNER, hostTag, portMarks } from '../ownership/marks.ts'
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
  context: IpamContext,
  { subnet, address, others, marks }: PortToAdopt,
  call: PluginCall,
): Promise<Port | undefined> {
  const { neutron, options } = context
  const fixed_ips = [`subnet_id=${subnet.id}`, `ip_address=${address}`]
  const [port] = await neutron.ports.list({ network_id: subnet.network_id, fixed_ips }, call)
  if (!port) return undefined
  refuseOwned(port, address)
  for (const other of others) refuseWithout(port, other)
  // The tags come first: a daemon that dies after them leaves a port that is still free.
  await neutron.ports.addTags(port.id, [ADOPTED_PORT_TAG, hostTag(options.host), ...marks], call)
  try {
    const marked = await neutron.ports.show(port.id, call)
    refuseOwned(marked, address)
    const condition = { signal: call.signal, ifRevision: marked.revision_number }
    const adopted = await neutron.ports.update(port.id, { device_owner: DEVICE_OWNER }, condition)
    call.signal.throwIfAborted()
    return adopted
  } catch (error) {
    await takeBack(context, port, call)
    if (error instanceof NeutronError && error.type === 'RevisionNumberConstraintFailed') throw inUse(port, address)
    throw error
  }
}

export interface PortToAdopt {
  subnet: Subnet
  address: string
  /** Subnets in which the port must have an address too: the other family of a dual-stack network. */
  others: Subnet[]
  /** Tags that it gets beside the usual ones. */
  marks: string[]
}

/** The marks of an adoption that failed, unless another container of ours has the port: it gives all back at its end. */
async function takeBack({ neutron, options }: IpamContext, { id }: Port, call: PluginCall): Promise<void> {
  try {
    const now = await neutron.ports.show(id)
    const free = now.device_id === '' && now['binding:host_id'] === ''
    const ours = free && call.signal.aborted && now.tags.includes(hostTag(options.host))
    if (ours && now.device_owner === DEVICE_OWNER) await giveBackPort(neutron, now, {})
    else if (now.device_owner !== DEVICE_OWNER) await ifThere(neutron.ports.removeTags(id, portMarks(now.tags)))
  } catch (error) {
    call.log.error({ err: error, portId: id }, 'could not take the marks from a port that was not adopted')
  }
}

function refuseWithout(port: Port, subnet: Subnet): void {
  if (port.fixed_ips.some(({ subnet_id }) => subnet_id === subnet.id)) return
  throw new PluginError(
    409,
    `port ${port.id} has no address in subnet ${subnet.id} (${subnet.cidr}) of this dual-stack network: add one to it, or give another --ip`,
  )
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
