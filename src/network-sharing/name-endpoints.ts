import type { SharingContext } from './sharing-context.ts'

/**
 * Writes the names of this host's containers into the descriptions of their ports, so that every host can tell whose they
 * are. Docker's calls do not tell them, and its API must not be asked inside of a call. Done before is success.
 */
export async function nameEndpoints(context: SharingContext, networkId: string): Promise<void> {
  const { engine, neutron, host, signal } = context
  const network = await engine.inspectNetwork(networkId, { signal })
  const names = new Map(
    Object.values(network?.Containers ?? {}).map(({ EndpointID, Name }) => [EndpointID, Name.slice(0, 255)]),
  )
  if (names.size === 0) return
  const ports = await neutron.ports.list({ device_id: [...names.keys()], 'binding:host_id': host }, { signal })
  for (const { id, device_id, description } of ports) {
    const name = names.get(device_id)
    if (name !== undefined && name !== description) await neutron.ports.update(id, { description: name }, { signal })
  }
}
