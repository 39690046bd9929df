import type { Network } from '../../neutron/resources.ts'
import type { Tables } from '../replica/tables.ts'

/** The network as its readers see it: the record, with the subnets that it has now. */
export function presentNetwork(tables: Tables, network: Network): Network {
  return { ...network, subnets: (tables.networkSubnets.get(network.id)?.value ?? []).map(({ id }) => id) }
}
