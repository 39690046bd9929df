import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import type { Port } from '../neutron/resources.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import type { NetworkContext } from './context.ts'
import { PORT_ID_OPTION } from './endpoint-options.ts'

/**
 * Refuses a port that is not the one which the user named. Docker asks for the address before it tells of the port, so
 * it has another address by then, unless the user gave that of the port too; and Docker's address cannot be changed.
 *
 * @throws {PluginError} 409, with what to give in place of it.
 */
export async function refuseOtherThan(
  context: NetworkContext,
  { id, port, dockerNetwork }: { id: string; port: Port; dockerNetwork: DockerNetwork },
  call: PluginCall,
): Promise<void> {
  if (port.id === id) return
  const wanted = await ifThere(context.neutron.ports.show(id, call))
  throw new PluginError(409, `option ${PORT_ID_OPTION}=${id}: ${whyNot({ wanted, port, dockerNetwork })}`)
}

function whyNot({
  wanted,
  port,
  dockerNetwork,
}: {
  wanted: Port | undefined
  port: Port
  dockerNetwork: DockerNetwork
}): string {
  const { network, subnets } = dockerNetwork
  if (!wanted) return 'there is no such port: make it first, or leave the option out'
  if (wanted.network_id !== network.id) {
    return `that port is in network ${wanted.network_id}, but this Docker network is Neutron network ${network.id}: name a port of that one`
  }
  if (wanted.device_id !== '' || wanted.device_owner !== '') {
    return `that port is in use by ${wanted.device_owner} ${wanted.device_id}: free it, or name another`
  }
  const flags = subnets.flatMap(({ id, ip_version }) => {
    const found = wanted.fixed_ips.find(({ subnet_id }) => subnet_id === id)
    return found ? [{ flag: ip_version === 4 ? '--ip' : '--ip6', address: found.ip_address }] : []
  })
  const [first] = flags.toSorted((one, other) => one.flag.length - other.flag.length)
  if (!first) {
    return `that port has no address in ${subnets.map(({ cidr }) => cidr).join(' or ')} of this Docker network: give it one`
  }
  const has = port.fixed_ips.map(({ ip_address }) => ip_address).join(' and ')
  return `Docker took ${has} before it told which port is wanted, and that cannot be changed any more: give the port's address too, ${first.flag} ${first.address}`
}
