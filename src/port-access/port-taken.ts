import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { PortForwarding } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import { containerNameOf } from '../ownership/container-ports.ts'
import { ifThere } from '../ownership/if-there.ts'
import { describePort, type PublishedPort } from './published-ports.ts'

/** The outer port, or all of the range, is forwarded to somebody else: who that is, as far as it is known. */
export async function portTaken(
  neutron: Pick<Neutron, 'ports'>,
  { port, address, holder }: { port: PublishedPort; address: string; holder: PortForwarding },
  call: Call,
): Promise<PluginError> {
  const { first, last } = port.range
  const who = await describeHolder(neutron, holder, call)
  const what =
    first === last
      ? `port ${first}/${port.protocol} of ${address} is already published by ${who}: stop that one, or publish another port`
      : `no port of ${first}-${last}/${port.protocol} of ${address} is free (${first} is published by ${who}): publish other ports`
  return new PluginError(409, `cannot publish ${describePort(port)}: ${what}`)
}

async function describeHolder(
  neutron: Pick<Neutron, 'ports'>,
  { internal_port_id, internal_ip_address }: PortForwarding,
  call: Call,
): Promise<string> {
  const place = `Neutron port ${internal_port_id}, ${internal_ip_address}`
  const port = await ifThere(neutron.ports.show(internal_port_id, call))
  if (!port) return place
  const container = containerNameOf(port)
  return container === '' ? `${place}, ${port.name}` : `container ${container} (${place})`
}
