import type { SharingContext } from './sharing-context.ts'

/**
 * Writes the names of this host's containers into the descriptions of their ports, so that every host can tell whose they
 * are. Docker's calls do not tell them, and its API must not be asked inside of a call.
 */
export async function nameEndpoints(context: SharingContext, networkId: string): Promise<void> {
  const { engine, neutron, host, signal } = context
  const network = await engine.inspectNetwork(networkId, { signal })
  for (const { Name, EndpointID } of Object.values(network?.Containers ?? {})) {
    const [port] = await neutron.ports.list({ device_id: EndpointID, 'binding:host_id': host }, { signal })
    const name = Name.slice(0, 255)
    if (port && port.description !== name) await neutron.ports.update(port.id, { description: name }, { signal })
  }
}
