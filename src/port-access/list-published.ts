import type { AccessServices, FloatingIp } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { containerNameOf, hostOfPort } from '../ownership/container-ports.ts'
import { listFloatingIps } from '../ownership/list-floating-ips.ts'
import { DEVICE_OWNER } from '../ownership/marks.ts'

/** A published port of a container, of any host. */
export interface PublishedPortView {
  host: string
  /** The container's name, where its host has told it. */
  container: string
  endpointId: string
  /** Where it is reached from outside. */
  address: string
  outerPort: number
  protocol: string
  /** Where it leads to. */
  containerAddress: string
  containerPort: number
}

/** How many ids a list's query may name: a URL has its limits. */
const MOST_IDS = 100

/** Every published port of the containers of all hosts, by host and container. */
export async function listPublished(
  { neutron, access }: { neutron: Pick<Neutron, 'ports'>; access: Pick<AccessServices, 'floatingIps'> },
  call: Call,
): Promise<PublishedPortView[]> {
  const floatingIps = await listFloatingIps(access, call)
  const ids = new Set(floatingIps.flatMap(({ port_forwardings: all }) => all.map(one => one.internal_port_id)))
  const ports = new Map((await portsOf(neutron, [...ids], call)).map(port => [port.id, port]))
  return floatingIps
    .flatMap(floatingIp => floatingIp.port_forwardings.map(one => viewOf(floatingIp, one, ports)))
    .filter(view => view !== undefined)
    .sort(byHostAndContainer)
}

async function portsOf({ ports }: Pick<Neutron, 'ports'>, ids: readonly string[], call: Call): Promise<Port[]> {
  const found: Port[] = []
  for (let start = 0; start < ids.length; start += MOST_IDS) {
    found.push(...(await ports.list({ id: ids.slice(start, start + MOST_IDS) }, call)))
  }
  return found
}

/** Undefined for what leads to no container, and for ranges of ports, which are not ours. */
function viewOf(
  { floating_ip_address: address }: FloatingIp,
  forwarding: FloatingIp['port_forwardings'][number],
  ports: ReadonlyMap<string, Port>,
): PublishedPortView | undefined {
  const { external_port: outerPort, internal_port: containerPort, protocol } = forwarding
  const port = ports.get(forwarding.internal_port_id)
  if (port?.device_owner !== DEVICE_OWNER || outerPort == null || containerPort == null) return undefined
  return {
    host: hostOfPort(port),
    container: containerNameOf(port),
    endpointId: port.device_id,
    ...{ address, outerPort, protocol },
    containerAddress: forwarding.internal_ip_address,
    containerPort,
  }
}

function byHostAndContainer(one: PublishedPortView, other: PublishedPortView): number {
  return (
    one.host.localeCompare(other.host) ||
    one.container.localeCompare(other.container) ||
    one.containerPort - other.containerPort
  )
}
