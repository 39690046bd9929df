import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Subnet } from '../neutron/resources.ts'

/** The subnet that a Docker PoolID stands for: the one tagged with the pool's id, else the one allocated from it. */
export async function subnetOfPool(neutron: Neutron, poolId: string, call: Call): Promise<Subnet | undefined> {
  const [tagged] = await neutron.subnets.list({ tags: [poolId] }, call)
  if (tagged !== undefined) return tagged
  const [allocated] = await neutron.subnets.list({ subnetpool_id: poolId }, call)
  return allocated
}
