import { containerPortsIn, hostOfPort } from '../../ownership/container-ports.ts'
import { findDockerNetwork } from '../../ownership/docker-network.ts'
import { releaseDockerNetwork } from '../../ownership/release-docker-network.ts'
import type { SharingContext } from '../sharing-context.ts'

/** Ends what the shared network has in the network service. Returns false, with nothing done, if other hosts use it. */
export async function releaseUnlessInUse(
  { neutron, access, host, signal }: SharingContext,
  id: string,
): Promise<boolean> {
  const known = await findDockerNetwork(neutron, id, { signal })
  const ports = known ? await containerPortsIn(neutron, known, { signal }) : []
  if (ports.some(port => hostOfPort(port) !== host)) return false
  await releaseDockerNetwork({ neutron, access }, { dockerId: id, known }, { signal })
  return true
}
