import type { Neutron } from '../../neutron/neutron.ts'
import type { ServedResource } from '../resource-routes.ts'
import { agents } from './agents.ts'
import { networks } from './networks.ts'
import { ports } from './ports.ts'
import { subnetPools } from './subnet-pools.ts'
import { subnets } from './subnets.ts'

/** Every kind of resource that `neutron` offers over the wire. */
export function servedResources(neutron: Neutron): ServedResource[] {
  return [networks(neutron), subnets(neutron), subnetPools(neutron), ports(neutron), agents(neutron)]
}
