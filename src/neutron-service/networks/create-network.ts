import type { NetworkCreate } from '../../neutron/requests.ts'
import { NeutronError } from '../../neutron/errors.ts'
import type { Network } from '../../neutron/resources.ts'
import type { ServiceContext } from '../context.ts'
import { keys } from '../keys.ts'
import { bornAttributes } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { checkMtu } from './mtu.ts'
import { readNetworkCreate } from './network-bodies.ts'
import { chooseSegmentationId } from './segmentation-id.ts'

/** POST /networks. The network, its segmentation id and its (empty) list of subnets come into being together. */
export async function createNetwork(
  context: ServiceContext,
  signal: AbortSignal,
  request: NetworkCreate,
): Promise<Network> {
  const body = readNetworkCreate(request)
  checkMtu(context, body.mtu)
  checkNetworkType(body['provider:network_type'])
  const network: Network = {
    ...bornAttributes(context, body),
    admin_state_up: body.admin_state_up ?? true,
    status: 'ACTIVE',
    shared: body.shared ?? false,
    mtu: body.mtu ?? context.defaultMtu,
    subnets: [],
    'router:external': body['router:external'] ?? false,
    port_security_enabled: body.port_security_enabled ?? true,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'provider:network_type': 'vxlan',
    'provider:physical_network': null,
  }
  return commit(context, signal, ({ tables }) => {
    const vni = chooseSegmentationId(context, tables, body['provider:segmentation_id'])
    const numbered: Network = { ...network, 'provider:segmentation_id': vni }
    const key = keys.network(network.id)
    return {
      when: [
        { key, exists: false },
        { key: keys.vni(vni), exists: false },
      ],
      put: { [key]: numbered, [keys.vni(vni)]: network.id, [keys.networkSubnets(network.id)]: [] },
      delete: [],
      mark: key,
      result: numbered,
    }
  })
}

function checkNetworkType(type: string | undefined): void {
  if (type === undefined || type === 'vxlan') return
  const message = `Invalid input for operation: network_type value '${type}' not supported: expected 'vxlan'.`
  throw new NeutronError('InvalidInput', message)
}
