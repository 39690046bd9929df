import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { JoinRequest, JoinResponse, StaticRoute } from '../docker-plugin/network-driver-messages.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { Port, Subnet } from '../neutron/resources.ts'
import { knownDockerNetwork } from '../ownership/known-network.ts'
import type { KnownEndpoint } from '../ownership/endpoint-ledger.ts'
import type { NetworkContext } from './context.ts'
import { unknownNetwork } from './create-endpoint.ts'
import { exposeLate } from './expose-ports.ts'

/**
 * `NetworkDriver.Join`: which interface Docker shall move into the sandbox, and the routes there: gateways and host
 * routes of the subnets that the port has an address in, and of no others (upstream's D10).
 */
export async function join(context: NetworkContext, request: JoinRequest, call: PluginCall): Promise<JoinResponse> {
  const known = context.endpoints.get(request.EndpointID) ?? (await recall(context, request, call))
  const endpoint = { ...known, port: await exposeLate(context, { port: known.port, request }, call) }
  const subnets = subnetsOf(endpoint)
  const gateway = (version: 4 | 6): string | undefined =>
    endpoint.internal ? undefined : (subnets.find(subnet => subnet.ip_version === version)?.gateway_ip ?? undefined)
  const [gateway4, gateway6] = [gateway(4), gateway(6)]
  return {
    InterfaceName: {
      SrcName: endpoint.containerInterface,
      DstPrefix: context.options.interfacePrefix,
      ...(endpoint.interfaceName !== undefined && { DstName: endpoint.interfaceName }),
    },
    ...(gateway4 !== undefined && { Gateway: gateway4 }),
    ...(gateway6 !== undefined && { GatewayIPv6: gateway6 }),
    StaticRoutes: subnets.flatMap(routesOf),
    // Without it Docker adds docker_gwbridge and a second interface to a container that has no gateway.
    DisableGatewayService: true,
  }
}

/** After a restart between CreateEndpoint and Join. Plugging is idempotent and tells the interface. */
async function recall(context: NetworkContext, request: JoinRequest, call: PluginCall): Promise<KnownEndpoint> {
  const [port] = await context.neutron.ports.list({ device_id: request.EndpointID }, call)
  if (!port)
    throw new PluginError(409, `no port belongs to endpoint ${request.EndpointID}: it was removed from Neutron`)
  const found = await knownDockerNetwork(context, request.NetworkID, call)
  if (!found) throw unknownNetwork(request.NetworkID)
  const bound = await context.binding.bind({ port, network: found.network, endpointId: request.EndpointID }, call)
  return { port, subnets: found.subnets, internal: found.internal, containerInterface: bound.containerInterface }
}

function subnetsOf({ port, subnets }: { port: Port; subnets: Subnet[] }): Subnet[] {
  return subnets.filter(({ id }) => port.fixed_ips.some(({ subnet_id }) => subnet_id === id))
}

function routesOf(subnet: Subnet): StaticRoute[] {
  return subnet.host_routes.map(({ destination, nexthop }) => ({
    Destination: destination,
    RouteType: 0,
    NextHop: nexthop,
  }))
}
