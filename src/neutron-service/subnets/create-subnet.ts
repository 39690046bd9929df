import { type Cidr, formatCidr, overlaps, parseCidr, parseInterfaceAddress } from '../../addressing/cidr.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { SubnetCreate } from '../../neutron/requests.ts'
import type { Subnet } from '../../neutron/resources.ts'
import { excerpt } from '../bodies/body-reader.ts'
import { invalidOperation } from '../refusals.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import type { SubnetPrefix } from '../records.ts'
import type { Row } from '../replica/resource-table.ts'
import type { Tables } from '../replica/tables.ts'
import { found, kinds } from '../resource-kind.ts'
import { bornAttributes } from '../standard-attributes.ts'
import { allocatePrefix } from '../subnetpools/allocate-prefix.ts'
import { commit, type Plan, unchanged } from '../writes/commit.ts'
import { readSubnetCreate } from './subnet-bodies.ts'
import { checkedHostRoutes, checkedNameservers, checkSubnetCidr, chooseGateway, choosePools } from './subnet-rules.ts'

type Body = ReturnType<typeof readSubnetCreate>

/** POST /subnets: of a CIDR, or of a prefix out of a subnet pool. */
export async function createSubnet(
  context: ServiceContext,
  signal: AbortSignal,
  request: SubnetCreate,
): Promise<Subnet> {
  const body = readSubnetCreate(request)
  checkRequest(body)
  const born = bornAttributes(context, body)
  return commit(context, signal, ({ tables }): Plan<Subnet> => {
    found(kinds.networks, tables, body.network_id)
    const pooled =
      body.subnetpool_id == null
        ? undefined
        : allocatePrefix(tables, body.subnetpool_id, { ...body, subnetId: born.id })
    const cidr = pooled?.cidr ?? subnetCidr(body.cidr ?? '')
    const subnet = buildSubnet(body, born, cidr)
    const list = checkedList(tables, subnet)
    const key = keys.subnet(subnet.id)
    const listKey = keys.networkSubnets(subnet.network_id)
    return {
      when: [
        { key, exists: false },
        unchanged(listKey, list),
        { key: keys.network(subnet.network_id), exists: true },
        ...(pooled?.when ?? []),
      ],
      put: { [key]: subnet, [listKey]: [...(list?.value ?? []), { id: subnet.id, cidr: subnet.cidr }], ...pooled?.put },
      delete: [],
      mark: key,
      result: subnet,
    }
  })
}

/** Host bits are dropped, as Neutron does. @throws NeutronError InvalidInput */
function subnetCidr(text: string): Cidr {
  try {
    return parseInterfaceAddress(text).cidr
  } catch {
    throw invalidOperation(`${excerpt(text)} is not in a CIDR format`)
  }
}

function checkRequest(body: Body): void {
  const pooled = body.subnetpool_id != null
  if (body.cidr != null && body.prefixlen !== undefined) {
    throw new NeutronError('BadRequest', 'Bad subnets request: cidr and prefixlen must not be supplied together.')
  }
  if (body.cidr == null && !pooled) {
    throw new NeutronError(
      'BadRequest',
      'Bad subnets request: a subnetpool must be specified in the absence of a cidr.',
    )
  }
  if (body.cidr == null && body.allocation_pools) {
    throw new NeutronError(
      'BadRequest',
      'Bad subnets request: allocation_pools allowed only for specific subnet requests.',
    )
  }
  if (body.ip_version !== undefined && body.ip_version !== 4 && body.ip_version !== 6) {
    throw new NeutronError(
      'HTTPBadRequest',
      `Invalid input for ip_version. Reason: '${body.ip_version}' is not in [4, 6].`,
    )
  }
  for (const mode of [body.ipv6_address_mode, body.ipv6_ra_mode]) {
    if (mode == null || mode === 'dhcpv6-stateful') continue
    throw invalidOperation(`IPv6 mode '${mode}' is not supported: expected 'dhcpv6-stateful' or none`)
  }
}

function buildSubnet(body: Body, born: ReturnType<typeof bornAttributes>, cidr: Cidr): Subnet {
  const enableDhcp = body.enable_dhcp ?? true
  checkSubnetCidr(cidr, { ipVersion: body.ip_version, enableDhcp })
  const gateway = chooseGateway(cidr, body.gateway_ip)
  return {
    ...born,
    network_id: body.network_id,
    ip_version: cidr.version,
    cidr: formatCidr(cidr),
    gateway_ip: gateway,
    allocation_pools: choosePools(cidr, gateway, body.allocation_pools),
    host_routes: checkedHostRoutes(cidr, body.host_routes ?? []),
    dns_nameservers: checkedNameservers(body.dns_nameservers ?? []),
    enable_dhcp: enableDhcp,
    subnetpool_id: body.subnetpool_id ?? null,
    ipv6_ra_mode: body.ipv6_ra_mode ?? null,
    ipv6_address_mode: body.ipv6_address_mode ?? null,
    service_types: [],
  }
}

/** The network's list of subnets, if this one may join it. */
function checkedList(tables: Tables, subnet: Subnet): Row<SubnetPrefix[]> | undefined {
  const list = tables.networkSubnets.get(subnet.network_id)
  const cidr = parseCidr(subnet.cidr)
  if (list?.value.some(other => overlaps(parseCidr(other.cidr), cidr))) {
    const where = `network: ${subnet.network_id}`
    throw invalidOperation(`Requested subnet with cidr: ${subnet.cidr} for ${where} overlaps with another subnet`)
  }
  for (const other of tables.subnets.with('network_id', subnet.network_id)) {
    if (other.ip_version !== subnet.ip_version || other.subnetpool_id === subnet.subnetpool_id) continue
    const message = 'Subnets hosted on the same network must be allocated from the same subnet pool.'
    throw new NeutronError('NetworkSubnetPoolAffinityError', message, {
      detail: `Subnet ${other.id} (${other.cidr}) is of pool ${String(other.subnetpool_id)}, asked for was ${String(subnet.subnetpool_id)}.`,
    })
  }
  return list
}
