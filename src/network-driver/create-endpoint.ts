import { parseInterfaceAddress } from '../addressing/cidr.ts'
import { formatIpAddress } from '../addressing/ip-address.ts'
import type { UndoStack } from '../concurrency/undo-stack.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { CreateEndpointRequest, CreateEndpointResponse } from '../docker-plugin/network-driver-messages.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { Port } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { knownDockerNetwork } from '../ownership/known-network.ts'
import { undoOrLater } from '../ownership/undo-or-later.ts'
import { asksToPublish } from '../port-access/published-ports.ts'
import type { BoundInterface } from '../port-binding/port-binding.ts'
import { claimPort, type PortWish } from './claim-port.ts'
import type { NetworkContext } from './context.ts'
import { readEndpointOptions, type WantedPort } from './endpoint-options.ts'
import { wantedInterfaceName } from './interface-name.ts'
import { portSettings, saysNamedIsGone } from './port-settings.ts'

/**
 * `NetworkDriver.CreateEndpoint`: binds the port that RequestAddress made to this host and endpoint, and plugs it. Docker
 * sends no DeleteEndpoint after a failure, so half a binding is undone here (upstream's L2).
 */
export async function createEndpoint(
  context: NetworkContext,
  request: CreateEndpointRequest,
  call: PluginCall,
): Promise<CreateEndpointResponse> {
  const given = request.Interface ?? {}
  const addresses = [given.Address, given.AddressIPv6].flatMap(text => (text ? [plainAddress(text)] : []))
  if (addresses.length === 0) {
    throw new RangeError('Interface has neither Address nor AddressIPv6: create the network with --ipam-driver=kuryr')
  }
  const interfaceName = wantedInterfaceName(request)
  const wanted = readEndpointOptions(request)
  const exposed = context.exposure?.read(request.Options) ?? []
  const found = await knownDockerNetwork(context, request.NetworkID, call)
  if (!found) throw unknownNetwork(request.NetworkID)

  await using undo = undoOrLater(context.later, call)
  const mac = given.MacAddress?.toLowerCase()
  const wish = {
    dockerNetwork: found,
    endpointId: request.EndpointID,
    addresses,
    mac: mac === '' ? undefined : mac,
    wanted,
    exposed,
    undo,
  }
  const port = await claimWanted(context, wish, call)
  const { containerInterface, keepsOwnMac = false } = await plug(
    context,
    { port, found, endpointId: request.EndpointID, undo },
    call,
  )
  call.signal.throwIfAborted()
  undo.keep()
  context.endpoints.add(request.EndpointID, {
    port,
    subnets: found.subnets,
    internal: found.internal,
    containerInterface,
    ...(interfaceName !== undefined && { interfaceName }),
    ...(asksToPublish(request.Options) && { asksToPublish: true }),
  })
  context.endpoints.clearAhead(request.NetworkID)
  if (context.networks.remembers) context.endpoints.setPort(port)
  return { Interface: wish.mac === undefined && !keepsOwnMac ? { MacAddress: port.mac_address } : {} }
}

/** What a name stood for may be gone by now: looked up again, once. */
async function claimWanted(
  context: NetworkContext,
  { wanted, ...wish }: Omit<PortWish, 'portId' | 'settings'> & { wanted: WantedPort },
  call: PluginCall,
): Promise<Port> {
  const claim = async (): Promise<Port> => {
    const settings = await portSettings(context, wanted, call)
    return claimPort(context, { ...wish, portId: wanted.id, settings }, call)
  }
  try {
    return await claim()
  } catch (error) {
    if (!(saysNamedIsGone(error) && context.names.forget())) throw error
    return claim()
  }
}

async function plug(
  { neutron, binding }: NetworkContext,
  { port, found, endpointId, undo }: { port: Port; found: DockerNetwork; endpointId: string; undo: UndoStack },
  call: PluginCall,
): Promise<BoundInterface> {
  undo.add(`binding of port ${port.id}`, () => binding.unbind({ portId: port.id, networkId: port.network_id }, {}))
  const bound = await binding.bind({ port, network: found.network, endpointId }, call)
  if (bound.wired) await neutron.ports.update(port.id, { status: 'ACTIVE' }, call)
  return bound
}

function plainAddress(cidr: string): string {
  return formatIpAddress(parseInterfaceAddress(cidr).address)
}

/** A Docker network that the network service does not know. */
export function unknownNetwork(dockerId: string): PluginError {
  return new PluginError(
    409,
    `no Neutron network carries the tags of Docker network ${dockerId}: it was removed from Neutron, or belongs to another store or OpenStack than the one configured here`,
  )
}
