import { firstHost, parseCidr } from '../addressing/cidr.ts'
import { canonicalIpAddress, formatIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { ReleaseAddressRequest } from '../docker-plugin/ipam-driver-messages.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { releasePort } from '../ownership/release-port.ts'
import { ifThere } from '../ownership/if-there.ts'
import { ADOPTED_PORT_TAG, CREATED_PORT_TAG, isOfPool } from '../ownership/marks.ts'
import { subnetOfPool } from '../ownership/subnet-of-pool.ts'
import { mayBeHere } from '../port-binding/port-binding.ts'
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
  const { pools, networks } = context
  if (request.Address === '' || pools.get(request.PoolID) || networks.hasEnded(request.PoolID)) return
  const address = canonicalIpAddress(request.Address)
  const known = portInMemory(context, request.PoolID, address)
  if (known === 'none') return
  const port = known ?? (await findPort(context, { poolId: request.PoolID, address }, call))
  if (!port) return
  const ours = port.tags.includes(ADOPTED_PORT_TAG) || port.tags.includes(CREATED_PORT_TAG)
  // A gateway or --aux-address may be what a container of another Docker network on the same subnet has.
  if (ours && isOfPool(port.tags, request.PoolID)) await release(context, { port, address }, call)
  else call.log.info({ portId: port.id, address }, 'address released by Docker belongs to a port of others: left alone')
}

/** The port that this daemon knows to have the address; `none` where it knows that no port of ours has it. */
function portInMemory(
  { networks, endpoints }: IpamContext,
  poolId: string,
  address: string,
): Port | 'none' | undefined {
  const networkId = networks.neutronNetworkOf(poolId) ?? endpoints.networkOf(poolId)
  if (networkId === undefined) return undefined
  if (endpoints.takeReleased(networkId, address)) return 'none'
  const port = endpoints.portWith(networkId, address)
  if (port) return port
  const subnets = networks.madeHere(poolId)?.subnets ?? []
  // Where this daemon has seen every endpoint of the host, the gateway is nobody's whom it does not know.
  return subnets.some(({ gateway_ip }) => gateway_ip === address) ? 'none' : undefined
}

async function findPort(
  context: IpamContext,
  { poolId, address }: { poolId: string; address: string },
  call: PluginCall,
): Promise<Port | undefined> {
  const known = context.networks.ofPool(poolId)?.subnets.find(({ tags }) => tags.includes(poolId))
  const subnet = known ?? (await subnetOfPool(context.neutron, poolId, call))
  if (!subnet) return undefined
  const fixed_ips = [`subnet_id=${subnet.id}`, `ip_address=${address}`]
  const [port] = await context.neutron.ports.list({ network_id: subnet.network_id, fixed_ips }, call)
  return port && isGatewayHereOnly(context, { port, subnet, address }) ? undefined : port
}

/**
 * Docker releases the gateway with its own copy of a shared network, and takes one for granted. On another host a container
 * may have that address: in a subnet without a gateway, or where the operator made a port for a container that is the
 * gateway. A container's own release there comes from its host, or after DeleteEndpoint (`network disconnect -f`).
 */
function isGatewayHereOnly(
  { endpoints, options }: IpamContext,
  { port, subnet, address }: { port: Port; subnet: Subnet; address: string },
): boolean {
  const gateway = subnet.gateway_ip ?? formatIpAddress(firstHost(parseCidr(subnet.cidr)))
  const elsewhere = port['binding:host_id'] !== '' && port['binding:host_id'] !== options.host
  return address === gateway && elsewhere && !endpoints.hasEnded(port.id)
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
  const { neutron, endpoints, networks, later, exposure } = context
  const created = port.tags.includes(CREATED_PORT_TAG)
  const others = port.fixed_ips.filter(({ ip_address }) => ip_address !== address)
  const alive = port.device_id !== '' && !endpoints.hasEnded(port.id)
  if (alive && address.includes(':') && others.length > 0) {
    // An adopted port keeps the addresses that the operator gave it.
    if (created) await ifThere(neutron.ports.update(port.id, { fixed_ips: others }, call))
    return
  }
  // Without Neutron's word the rest can be done later; a plug that stays would be in the next container's way.
  await unplug(context, port, call)
  const letGo = async (how: Call): Promise<void> => {
    await releasePort(neutron, port, how)
    await exposure?.released(port, how)
  }
  try {
    await letGo(call)
  } catch (error) {
    // Docker forgets the address all the same.
    if (created) later.add(`deletion of port ${port.id}`, signal => letGo({ signal }))
    throw error
  } finally {
    endpoints.forgetPort(port.id)
  }
  if (networks.remembers) for (const { ip_address } of others) endpoints.setReleased(port.network_id, ip_address)
}

async function unplug({ binding, options }: IpamContext, port: Port, call: PluginCall): Promise<void> {
  const here = mayBeHere(binding, port, options.host)
  if (here) await binding.unbind({ portId: port.id, networkId: port.network_id }, call)
}
