import type { Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { containerNameOf, containerPorts, hostOfPort } from '../ownership/container-ports.ts'
import type { EndpointView, HostView, SharedNetworkView } from './network-sharing.ts'
import type { RecordsView } from './shared-records.ts'
import { hasNetwork, type SharedNetwork } from './shared-network.ts'

/** Every shared network, by name, with its hosts and with the containers of all of them. */
export async function listNetworks(
  view: RecordsView,
  neutron: Neutron,
  signal: AbortSignal,
): Promise<SharedNetworkView[]> {
  const shared = await Promise.all(
    [...view.networks()].map(async record => ({
      ...describe(record),
      hosts: hostsOf(view, record.id),
      endpoints: (await containerPorts(neutron, record.id, { signal })).map(endpointOf),
    })),
  )
  const removing = [...view.tombstones()].map(({ id, name, by, removed }) => ({
    ...{ id, name, state: 'removing' as const, origin: by, created: removed },
    ...{ subnets: [], internal: false, options: {}, labels: {}, endpoints: [], hosts: hostsOf(view, id) },
  }))
  return [...shared, ...removing].sort((one, other) => one.name.localeCompare(other.name))
}

/** Every host that takes part, by name. */
export function listHosts(view: RecordsView): HostView[] {
  const memberships = [...view.ids()].flatMap(id => view.members(id)).filter(hasNetwork)
  return view
    .hosts()
    .map(({ version: _version, engineId: _engineId, ...record }) => ({
      ...record,
      alive: view.isAlive(record.host),
      networks: memberships.filter(({ host }) => host === record.host).length,
    }))
    .sort((one, other) => one.host.localeCompare(other.host))
}

function describe({ id, name, origin, created, spec }: SharedNetwork): Omit<SharedNetworkView, 'hosts' | 'endpoints'> {
  const { subnets, internal, options, labels } = spec
  return { id, name, state: 'shared', origin, created, subnets, internal, options, labels }
}

function hostsOf(view: RecordsView, id: string): SharedNetworkView['hosts'] {
  return view
    .members(id)
    .map(({ host, state, networkId, note }) => ({
      ...{ host, state, alive: view.isAlive(host), networkId },
      ...(note !== undefined && { note }),
    }))
    .sort((one, other) => one.host.localeCompare(other.host))
}

function endpointOf(port: Port): EndpointView {
  return {
    host: hostOfPort(port),
    endpointId: port.device_id,
    container: containerNameOf(port),
    macAddress: port.mac_address,
    addresses: port.fixed_ips.map(({ ip_address }) => ip_address),
    status: port.status,
  }
}
