import { NeutronError } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { DockerNetwork } from './docker-network.ts'
import { ifThere } from './if-there.ts'
import { CREATED_NETWORK_TAG, createdSubnetName, usersOfSubnet } from './marks.ts'
import { deleteReleasedPools } from './release-subnet.ts'

/**
 * Ends a Docker network that this daemon made in a Neutron network of its own, in few requests: one look whether it is
 * still alone there, one delete for the network, which takes its subnets with it, and one for each pool. All pools go at
 * once: Docker releases one only when it removes the network.
 *
 * @returns false where something is not as it was made (another Docker network uses its subnet, a port is in it): then
 * it is to be ended step by step.
 */
export async function releaseMadeNetwork(neutron: Neutron, made: DockerNetwork, call: Call): Promise<boolean> {
  const { network, pools, subnets } = made
  if (!network.tags.includes(CREATED_NETWORK_TAG)) return false
  const own = pools.map(({ id }) => id)
  const known = new Set(subnets.map(({ id }) => id))
  const now = await neutron.subnets.list({ network_id: network.id }, call)
  const alone = now.every(
    ({ id, name, cidr, tags }) =>
      known.has(id) && name === createdSubnetName(cidr) && usersOfSubnet(tags).every(user => own.includes(user)),
  )
  if (!alone) return false
  try {
    await ifThere(neutron.networks.delete(network.id, call))
  } catch (error) {
    if (error instanceof NeutronError && error.type === 'NetworkInUse') return false
    throw error
  }
  await deleteReleasedPools(neutron, { subnets: now, own: pools }, call)
  for (const id of own) await ifThere(neutron.subnetpools.delete(id, call))
  return true
}
