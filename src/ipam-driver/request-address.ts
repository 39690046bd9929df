import { firstHost, isHostAddress, parseCidr } from '../addressing/cidr.ts'
import { canonicalIpAddress, formatIpAddress, parseIpAddress } from '../addressing/ip-address.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import type { RequestAddressRequest, RequestAddressResponse } from '../docker-plugin/ipam-driver-messages.ts'
import type { Subnet } from '../neutron/resources.ts'
import type { UnclaimedPool } from '../ownership/pool-ledger.ts'
import { NeutronError } from '../neutron/errors.ts'
import { placeOfPool } from '../ownership/known-network.ts'
import type { IpamContext } from './context.ts'
import { requestFixedIp } from './request-fixed-ip.ts'

/**
 * `IpamDriver.RequestAddress`: for a container it makes the Neutron port that holds the address (and marks one that the
 * operator made for it); for a gateway or an `--aux-address` of a network about to be created it only checks and notes
 * it, since the subnet is not there yet.
 */
export async function requestAddress(
  context: IpamContext,
  request: RequestAddressRequest,
  call: PluginCall,
): Promise<RequestAddressResponse> {
  const isGateway = request.Options?.RequestAddressType === 'com.docker.network.gateway'
  const asked = request.Address ? canonicalIpAddress(request.Address) : undefined
  const unclaimed = context.pools.get(request.PoolID)
  if (unclaimed) return beforeTheNetwork(unclaimed, { asked, isGateway })

  const wish = { poolId: request.PoolID, asked, isGateway }
  try {
    return await addressOfPool(context, wish, call)
  } catch (error) {
    // What was remembered of the network may have been changed by another host, or by hand: look again, once.
    const stale = error instanceof NeutronError && error.status < 500 && context.networks.ofPool(request.PoolID)
    if (!stale) throw error
    context.networks.forgetPool(request.PoolID)
    return addressOfPool(context, wish, call)
  }
}

async function addressOfPool(
  context: IpamContext,
  { poolId, asked, isGateway }: { poolId: string; asked: string | undefined; isGateway: boolean },
  call: PluginCall,
): Promise<RequestAddressResponse> {
  const place = await placeOfPool(context, poolId, call)
  if (!place) {
    throw new RangeError(
      `pool ${poolId} has no subnet: it is gone, or its Docker network was not created with --driver=kuryr (the kuryr IPAM driver works with the kuryr network driver only)`,
    )
  }
  const { subnet } = place
  if (isGateway) return answer(gatewayOf(subnet, asked), subnet.cidr)
  if (asked) refuseUnusable(asked, subnet.cidr)
  return answer(await requestFixedIp(context, { ...place, poolId, asked }, call), subnet.cidr)
}

function beforeTheNetwork(
  pool: UnclaimedPool,
  { asked, isGateway }: { asked: string | undefined; isGateway: boolean },
): RequestAddressResponse {
  const address = asked ?? (isGateway ? pool.gateway?.address : undefined)
  if (address === undefined)
    throw new RangeError(`pool ${pool.pool.id} has no network yet: expected an address to keep free, got none`)
  refuseUnusable(address, pool.cidr)
  if (isGateway && asked) pool.gateway = { address: asked, explicit: true }
  if (!isGateway && asked === pool.gateway?.address) {
    throw new RangeError(`--aux-address ${address} is the gateway: give another address, or another --gateway`)
  }
  return answer(address, pool.cidr)
}

function gatewayOf(subnet: Subnet, asked: string | undefined): string {
  const gateway = subnet.gateway_ip
  if (asked && gateway && asked !== gateway) {
    throw new RangeError(
      `gateway ${asked} was asked for, but subnet ${subnet.id} (${subnet.cidr}) has gateway ${gateway}`,
    )
  }
  return asked ?? gateway ?? formatIpAddress(firstHost(parseCidr(subnet.cidr)))
}

function refuseUnusable(address: string, cidr: string): void {
  if (isHostAddress(parseCidr(cidr), parseIpAddress(address))) return
  throw new RangeError(`address ${address} is not one that a host in ${cidr} can have: give one of that subnet`)
}

function answer(address: string, cidr: string): RequestAddressResponse {
  return { Address: `${address}/${parseCidr(cidr).prefixLength}`, Data: {} }
}
