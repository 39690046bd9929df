import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { GwAllocCheckRequest } from '../docker-plugin/network-driver-messages.ts'
import type { Subnet } from '../neutron/resources.ts'
import { readDriverOptions, type Wanted } from '../ownership/driver-options.ts'
import { findNamed } from '../ownership/find-named.ts'
import type { NetworkContext } from './context.ts'
import { genericOptions } from './generic-options.ts'

/**
 * `NetworkDriver.GwAllocCheck` (Docker 28 and newer, before it asks for pools): whether Docker shall do without a gateway,
 * which is so where the subnets that the options name have none. An older Docker tells its users a gateway then that is
 * not there; containers have no route to it in either case.
 */
export async function gwAllocCheck(
  context: NetworkContext,
  request: GwAllocCheckRequest,
  call: PluginCall,
): Promise<{ SkipIPv4: boolean; SkipIPv6: boolean }> {
  const wanted = readDriverOptions(genericOptions(request.Options))
  const skips = async (version: 4 | 6): Promise<boolean> => {
    const subnets = await namedSubnets(context, { wanted, version }, call)
    return subnets.length > 0 && subnets.every(({ gateway_ip }) => gateway_ip === null)
  }
  return { SkipIPv4: await skips(4), SkipIPv6: await skips(6) }
}

async function namedSubnets(
  { neutron }: NetworkContext,
  { wanted, version }: { wanted: Wanted; version: 4 | 6 },
  call: PluginCall,
): Promise<Subnet[]> {
  const named = wanted.subnet[version]
  if (named) return [await findNamed(neutron.subnets, 'subnet', named, call)]
  if (!wanted.network) return []
  const network = await findNamed(neutron.networks, 'network', wanted.network, call)
  return neutron.subnets.list({ network_id: network.id, ip_version: version }, call)
}
