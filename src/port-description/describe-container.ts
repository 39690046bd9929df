import type { Call } from '../neutron/neutron.ts'
import { describePort } from './describe-port.ts'
import type { DescriptionContext } from './description-context.ts'

/** Asks the engine for one container, and tells its name and labels to its ports. */
export async function describeContainer(context: DescriptionContext, containerId: string, call: Call): Promise<void> {
  const { engine, neutron, networks } = context
  const container = await engine.inspectContainer(containerId, call)
  const endpoints = (container?.Endpoints ?? []).filter(({ NetworkID }) => networks.has(NetworkID))
  if (!container || endpoints.length === 0) return
  const words = { name: container.Name, labels: container.Labels }
  const ports = await neutron.ports.list({ device_id: endpoints.map(({ EndpointID }) => EndpointID) }, call)
  for (const port of ports) await describePort(context, port, words, call)
}
