import { formatCidr, parseInterfaceAddress } from '../addressing/cidr.ts'
import { formatIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { IpamData } from '../docker-plugin/network-driver-messages.ts'
import { wasBornOn, wishOf } from '../ownership/birth-marks.ts'
import { hasDockerId, subnetPoolName } from '../ownership/marks.ts'
import type { UnclaimedPool } from '../ownership/pool-ledger.ts'
import type { NetworkContext } from './context.ts'

/**
 * The pool that RequestPool made for this subnet of the network. After a restart of the daemon in between, the one that
 * this host made and that has no network yet.
 *
 * @throws {RangeError} when there is none: the network was created with another IPAM driver.
 */
export async function claimPool(context: NetworkContext, data: IpamData, call: PluginCall): Promise<UnclaimedPool> {
  if (data.Pool === '') throw new RangeError('expected a Pool (CIDR) in IPv4Data and IPv6Data, got ""')
  const { cidr } = parseInterfaceAddress(data.Pool)
  const gateway = data.Gateway ? formatIpAddress(parseInterfaceAddress(data.Gateway).address) : undefined
  const text = formatCidr(cidr)
  const claimed = context.pools.claim(text, gateway) ?? (await findUnclaimed(context, text, call))
  if (claimed) return claimed
  throw new RangeError(
    `no address pool of kuryr's is waiting for a network with subnet ${text}: create it with both --driver=kuryr and --ipam-driver=kuryr`,
  )
}

async function findUnclaimed(
  { neutron, options }: NetworkContext,
  cidr: string,
  call: PluginCall,
): Promise<UnclaimedPool | undefined> {
  const query = { name: subnetPoolName(options.subnetPoolNamePrefix, cidr) }
  const found = (await neutron.subnetpools.list(query, call)).filter(
    ({ tags, description }) => !hasDockerId(tags) && wasBornOn(description, options.host),
  )
  const [pool] = found
  if (!pool || found.length > 1) return undefined
  return { pool, cidr, ...wishOf(pool), since: 0 }
}
