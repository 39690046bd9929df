import type { UndoStack } from '../concurrency/undo-stack.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { PortUpdate } from '../neutron/requests.ts'
import type { Port } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { ADOPTED_PORT_TAG, CREATED_PORT_TAG, endpointPortName, portMarks } from '../ownership/marks.ts'
import type { Exposed } from '../port-access/exposed-ports.ts'
import { refuseOtherThan } from './chosen-port.ts'
import type { NetworkContext } from './context.ts'
import { exposing } from './expose-ports.ts'
import { explainSettings, type PortSettings, refuseSettings, settingsBefore } from './port-settings.ts'

export interface PortWish {
  dockerNetwork: DockerNetwork
  endpointId: string
  /** Plain, canonical; IPv4 first. */
  addresses: string[]
  /** `--mac-address`, lower case. */
  mac: string | undefined
  /** `kuryr.port.id` */
  portId: string | undefined
  settings: PortSettings
  /** What the container exposes. */
  exposed: readonly Exposed[]
  undo: UndoStack
}

/** The port with the endpoint's addresses, bound to this host and endpoint. */
export async function claimPort(context: NetworkContext, wish: PortWish, call: PluginCall): Promise<Port> {
  const [port, ...surplus] = await portsWithAddresses(context, wish, call)
  if (!port) {
    throw new PluginError(
      409,
      `no port has address ${wish.addresses.join(' or ')}: it was removed from Neutron after RequestAddress`,
    )
  }
  for (const one of [port, ...surplus]) refuseForeign(one, wish)
  if (wish.portId !== undefined) await refuseOtherThan(context, { ...wish, id: wish.portId, port }, call)
  if (!port.tags.includes(CREATED_PORT_TAG)) refuseSettings(port, wish.settings)
  if (port.device_id === wish.endpointId && surplus.length === 0) return port
  if (surplus.length > 0) refuseAdopted([port, ...surplus])
  for (const one of surplus) await context.neutron.ports.delete(one.id, call)
  return bindPort(context, { ...wish, port, surplus }, call)
}

/** One port, or (a start that was cut in two by a restart of the daemon) one per address. */
async function portsWithAddresses(
  { neutron, endpoints }: NetworkContext,
  { dockerNetwork, addresses }: PortWish,
  call: PluginCall,
): Promise<Port[]> {
  const [first = ''] = addresses
  const known = endpoints.portWith(dockerNetwork.network.id, first)
  if (known && addresses.every(address => known.fixed_ips.some(ip => ip.ip_address === address))) return [known]
  const subnets = new Set(dockerNetwork.subnets.map(({ id }) => id))
  const fixed_ips = addresses.map(address => `ip_address=${address}`)
  const ports = await neutron.ports.list({ network_id: dockerNetwork.network.id, fixed_ips }, call)
  const rank = ({ fixed_ips: ips }: Port): number => addresses.findIndex(a => ips.some(ip => ip.ip_address === a))
  return ports
    .filter(port => port.fixed_ips.some(ip => addresses.includes(ip.ip_address) && subnets.has(ip.subnet_id)))
    .sort((one, other) => rank(one) - rank(other))
}

function refuseForeign(port: Port, { endpointId, mac }: PortWish): void {
  const ours = port.tags.includes(CREATED_PORT_TAG) || port.tags.includes(ADOPTED_PORT_TAG)
  if (!ours || (port.device_id !== '' && port.device_id !== endpointId)) {
    throw new PluginError(
      409,
      `port ${port.id} with the endpoint's address belongs to ${port.device_owner} ${port.device_id}`,
    )
  }
  if (port.tags.includes(ADOPTED_PORT_TAG) && mac !== undefined && mac !== port.mac_address) {
    throw new PluginError(
      409,
      `port ${port.id} has MAC ${port.mac_address}, but --mac-address ${mac} was given: leave it out, or give that one`,
    )
  }
}

/** The operator's port is neither deleted nor changed: what a restart cut in two is begun anew. */
function refuseAdopted(ports: Port[]): void {
  const adopted = ports.find(({ tags }) => !tags.includes(CREATED_PORT_TAG))
  if (!adopted) return
  const addresses = adopted.fixed_ips.map(({ ip_address }) => ip_address).join(' and ')
  throw new PluginError(
    409,
    `port ${adopted.id} (${addresses}) has only a part of the endpoint's addresses: start again`,
  )
}

async function bindPort(
  context: NetworkContext,
  { port, surplus, endpointId, addresses, mac, settings, exposed, undo }: PortWish & { port: Port; surplus: Port[] },
  call: PluginCall,
): Promise<Port> {
  const { neutron, options } = context
  const has = [port, ...surplus].flatMap(one => one.fixed_ips)
  const wanted = has.filter(ip => addresses.includes(ip.ip_address))
  const created = port.tags.includes(CREATED_PORT_TAG)
  const change: PortUpdate = {
    device_id: endpointId,
    'binding:host_id': options.host,
    ...(created && { name: endpointPortName(endpointId), ...settings }),
    ...(mac !== undefined && mac !== port.mac_address && { mac_address: mac }),
    ...(created && surplus.length > 0 && { fixed_ips: wanted }),
  }
  const back: PortUpdate = {
    ...{ device_id: '', 'binding:host_id': '' },
    ...(created && { name: port.name, ...settingsBefore(port, settings) }),
  }
  undo.add(`claim of port ${port.id}`, () => ifThere(takeBack(neutron, { id: port.id, endpointId, back })))
  // The group of exposed ports goes with the port, or, by its tag, when the port is given back.
  const bind = (groups: PortUpdate): Promise<Port> =>
    neutron.ports.update(port.id, { ...change, ...groups }, call).catch((error: unknown) => {
      throw explainSettings(error, settings)
    })
  const groups = change.security_groups ?? port.security_groups
  const bound = await exposing(context, { port, exposed, groups, change: bind }, call)
  const marks = surplus.flatMap(({ tags }) => portMarks(tags))
  if (marks.length > 0) await neutron.ports.addTags(port.id, marks, call)
  return { ...bound, tags: [...new Set([...port.tags, ...marks])] }
}

/** Late, another endpoint may have the port already. */
async function takeBack(
  neutron: Neutron,
  { id, endpointId, back }: { id: string; endpointId: string; back: PortUpdate },
): Promise<void> {
  const now = await neutron.ports.show(id)
  if (now.device_id === endpointId) await neutron.ports.update(id, back, { ifRevision: now.revision_number })
}
