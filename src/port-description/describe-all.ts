import type { Call } from '../neutron/neutron.ts'
import { describePort } from './describe-port.ts'
import type { DescriptionContext } from './description-context.ts'

/**
 * Compares the ports of all of this host's containers with what the engine tells of them, with one question to Neutron.
 *
 * @returns the containers that the engine does not list as running yet: each is to be asked for by itself.
 */
export async function describeAll(context: DescriptionContext, call: Call): Promise<string[]> {
  const { neutron, engine, host } = context
  const endpoints = await endpointsHere(context, call)
  if (endpoints.size === 0) return []
  const labels = new Map((await engine.listContainers(call)).map(({ Id, Labels }) => [Id, Labels]))
  const later = new Set<string>()
  for (const port of await neutron.ports.list({ 'binding:host_id': host }, call)) {
    const endpoint = endpoints.get(port.device_id)
    if (endpoint === undefined) continue
    const own = labels.get(endpoint.containerId)
    if (own === undefined) later.add(endpoint.containerId)
    else await describePort(context, port, { name: endpoint.name, labels: own }, call)
  }
  return [...later]
}

/** By endpoint id. The networks tell it at once; a list of containers, only when a start is over. */
async function endpointsHere(
  { engine, driver, networks }: DescriptionContext,
  call: Call,
): Promise<Map<string, { containerId: string; name: string }>> {
  const endpoints = new Map<string, { containerId: string; name: string }>()
  for (const { Id } of await engine.listNetworks(driver, call)) {
    networks.add(Id)
    const network = await engine.inspectNetwork(Id, call)
    for (const [containerId, { EndpointID, Name }] of Object.entries(network?.Containers ?? {})) {
      endpoints.set(EndpointID, { containerId, name: Name })
    }
  }
  return endpoints
}
