import { parseCidr } from '../../addressing/cidr.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { UpdateOptions } from '../../neutron/neutron.ts'
import type { SubnetUpdate } from '../../neutron/requests.ts'
import type { Subnet } from '../../neutron/resources.ts'
import { checkGatewayOutsidePools, checkedAllocationPools } from '../addresses/allocation-pools.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import type { Tables } from '../replica/tables.ts'
import { found, kinds } from '../resource-kind.ts'
import { checkRevision, revised } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { readSubnetUpdate } from './subnet-bodies.ts'
import { checkedHostRoutes, checkedNameservers, checkSubnetCidr, chooseGateway } from './subnet-rules.ts'

type Body = ReturnType<typeof readSubnetUpdate>

/** PUT /subnets/{id}. New allocation pools leave addresses that are already given as they are. */
export async function updateSubnet(
  context: ServiceContext,
  signal: AbortSignal,
  { id, body: request, options }: { id: string; body: SubnetUpdate; options: UpdateOptions },
): Promise<Subnet> {
  const body = readSubnetUpdate(request)
  return commit(context, signal, ({ tables }) => {
    const { value, modRevision } = found(kinds.subnets, tables, id)
    checkRevision(value, options.ifRevision)
    const changed = revised(context, value, changesOf(tables, value, body))
    const key = keys.subnet(id)
    return { when: [{ key, modRevision }], put: { [key]: changed }, delete: [], mark: key, result: changed }
  })
}

function changesOf(tables: Tables, subnet: Subnet, body: Body): Partial<Subnet> {
  const cidr = parseCidr(subnet.cidr)
  const { gateway_ip, allocation_pools, host_routes, dns_nameservers, ...plain } = body
  if (body.enable_dhcp === true) checkSubnetCidr(cidr, { ipVersion: undefined, enableDhcp: true })
  const gateway = gateway_ip === undefined ? subnet.gateway_ip : chooseGateway(cidr, gateway_ip)
  const pools = allocation_pools ? checkedAllocationPools(cidr, allocation_pools) : subnet.allocation_pools
  if (gateway_ip !== undefined || allocation_pools) checkGatewayOutsidePools(gateway, pools)
  if (gateway !== subnet.gateway_ip) checkGatewayFree(tables, subnet)
  return {
    ...plain,
    gateway_ip: gateway,
    allocation_pools: pools,
    ...(host_routes && { host_routes: checkedHostRoutes(cidr, host_routes) }),
    ...(dns_nameservers && { dns_nameservers: checkedNameservers(dns_nameservers) }),
  }
}

function checkGatewayFree(tables: Tables, subnet: Subnet): void {
  const holder = subnet.gateway_ip === null ? undefined : tables.addresses.holder(subnet.id, subnet.gateway_ip)
  if (holder === undefined) return
  const message = `Current gateway ip ${subnet.gateway_ip ?? ''} already in use by port ${holder}. Unable to update.`
  throw new NeutronError('GatewayIpInUse', message)
}
