import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { type DockerNetwork, findDockerNetwork } from './docker-network.ts'
import { wasBornOn } from './birth-marks.ts'
import { ADOPTED_PORT_TAG, containerNameIn, CREATED_PORT_TAG, hostOf, isOfPool } from './marks.ts'

/** The ports of the Docker network's containers, on every host. Empty where no network carries its marks. */
export async function containerPorts(neutron: Neutron, dockerId: string, call: Call): Promise<Port[]> {
  const found = await findDockerNetwork(neutron, dockerId, call)
  return found ? containerPortsIn(neutron, found, call) : []
}

/** As {@link containerPorts}, of a Docker network that was found. */
export async function containerPortsIn(neutron: Neutron, found: DockerNetwork, call: Call): Promise<Port[]> {
  const subnets = new Set(found.subnets.map(({ id }) => id))
  const ports = await neutron.ports.list({ network_id: found.network.id }, call)
  return ports.filter(
    ({ tags, fixed_ips }) =>
      (tags.includes(CREATED_PORT_TAG) || tags.includes(ADOPTED_PORT_TAG)) &&
      fixed_ips.some(({ subnet_id }) => subnets.has(subnet_id)) &&
      found.pools.some(pool => isOfPool(tags, pool.id)),
  )
}

/** The host that a container's port is bound to, or whose daemon made it for a container that is about to start. */
export function hostOfPort(port: Port): string {
  return port['binding:host_id'] || (hostOf(port.tags) ?? '')
}

/** The name of the container that has the port; empty until its host has told it. */
export function containerNameOf(port: Port): string {
  if (!port.tags.includes(CREATED_PORT_TAG)) return containerNameIn(port.tags) ?? ''
  return wasBornOn(port.description, hostOfPort(port)) ? '' : port.description
}
