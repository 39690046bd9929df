import { canonicalIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { ReleaseAddressRequest } from '../docker-plugin/ipam-driver-messages.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { giveBackPort } from '../ownership/give-back-port.ts'
import { ifThere } from '../ownership/if-there.ts'
import { ADOPTED_PORT_TAG, CREATED_PORT_TAG, isOfPool } from '../ownership/marks.ts'
import { subnetOfPool } from '../ownership/subnet-of-pool.ts'
import type { IpamContext } from './context.ts'

/**
 * `IpamDriver.ReleaseAddress`: lets go of the port that holds the address: one that we made is deleted, one that the
 * operator made is given back. A gateway, or an address that nobody has, is success. The port is sought in its own
 * subnet only (upstream's B8).
 *
 * This may be the only notice that an endpoint died (Docker 20.10 after a kill, or after a failed CreateEndpoint), so
 * the port is unplugged too.
 */
export async function releaseAddress(
  context: IpamContext,
  request: ReleaseAddressRequest,
  call: PluginCall,
): Promise<void> {
  if (request.Address === '' || context.pools.get(request.PoolID)) return
  const subnet = await subnetOfPool(context.neutron, request.PoolID, call)
  if (!subnet) return
  const address = canonicalIpAddress(request.Address)
  const port = await portWithAddress(context, { subnet, address }, call)
  if (!port) return
  const ours = port.tags.includes(ADOPTED_PORT_TAG) || port.tags.includes(CREATED_PORT_TAG)
  // A gateway or --aux-address may be what a container of another Docker network on the same subnet has.
  if (ours && isOfPool(port.tags, request.PoolID)) await release(context, { port, address }, call)
  else call.log.info({ portId: port.id, address }, 'address released by Docker belongs to a port of others: left alone')
}

async function portWithAddress(
  { neutron }: IpamContext,
  { subnet, address }: { subnet: Subnet; address: string },
  call: PluginCall,
): Promise<Port | undefined> {
  const fixed_ips = [`subnet_id=${subnet.id}`, `ip_address=${address}`]
  const [port] = await neutron.ports.list({ network_id: subnet.network_id, fixed_ips }, call)
  return port
}

/**
 * While the endpoint lives, Docker releases its IPv6 address alone where IPv6 turns out to be disabled in the container:
 * only that one goes. The IPv4 address is released at the end only, and takes the whole port with it.
 */
async function release(
  context: IpamContext,
  { port, address }: { port: Port; address: string },
  call: PluginCall,
): Promise<void> {
  const { neutron, endpoints } = context
  const created = port.tags.includes(CREATED_PORT_TAG)
  const others = port.fixed_ips.filter(({ ip_address }) => ip_address !== address)
  const alive = port.device_id !== '' && !endpoints.hasEnded(port.id)
  if (alive && address.includes(':') && others.length > 0) {
    // An adopted port keeps the addresses that the operator gave it.
    if (created) await ifThere(neutron.ports.update(port.id, { fixed_ips: others }, call))
    return
  }
  await unplug(context, port, call)
  await (created ? ifThere(neutron.ports.delete(port.id, call)) : giveBackPort(neutron, port, call))
  endpoints.forgetPort(port.id)
}

async function unplug({ binding, options }: IpamContext, port: Port, call: PluginCall): Promise<void> {
  const here = port['binding:host_id'] === options.host
  if (here) await binding.unbind({ portId: port.id, networkId: port.network_id }, call)
}
