import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { ifThere } from '../ownership/if-there.ts'

/** `device_owner` of a router's ports in the networks that it serves: plain, distributed, highly available. */
const ROUTER_PORTS = [
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
]

/**
 * The external network that a router leads to from the subnet.
 *
 * @throws {PluginError} that says which router is missing, or what it lacks
 */
export async function externalNetworkOf(
  { neutron, access }: { neutron: Pick<Neutron, 'ports'>; access: Pick<AccessServices, 'routers'> },
  subnet: Subnet,
  call: Call,
): Promise<string> {
  const ports = await neutron.ports.list({ network_id: subnet.network_id, device_owner: ROUTER_PORTS }, call)
  const routerIds = routersOf(subnet, ports)
  // One of another project is not there for us.
  const shown = await Promise.all(routerIds.map(id => ifThere(access.routers.show(id, call))))
  const routers = shown.filter(router => router !== undefined)
  for (const { external_gateway_info: gateway } of routers) if (gateway) return gateway.network_id
  const [router] = routers
  if (router) {
    throw new PluginError(
      409,
      `cannot publish ports: router ${router.name || router.id} of subnet ${subnet.cidr} has no external gateway: openstack router set --external-gateway EXTERNAL_NETWORK ${router.id}`,
    )
  }
  throw new PluginError(
    409,
    `cannot publish ports: no router serves subnet ${subnet.cidr} (${subnet.id}): openstack router add subnet ROUTER ${subnet.id}`,
  )
}

/** The one that is the subnet's gateway first: containers answer by it. */
function routersOf({ id, gateway_ip }: Subnet, ports: readonly Port[]): string[] {
  const inSubnet = ports.filter(({ fixed_ips }) => fixed_ips.some(({ subnet_id }) => subnet_id === id))
  const isGateway = ({ fixed_ips }: Port): boolean => fixed_ips.some(({ ip_address }) => ip_address === gateway_ip)
  const sorted = [...inSubnet.filter(isGateway), ...inSubnet.filter(port => !isGateway(port))]
  return [...new Set(sorted.map(({ device_id }) => device_id))]
}
