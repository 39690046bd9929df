import { containerPorts, hostOfPort } from '../../ownership/container-ports.ts'
import { releaseDockerNetwork } from '../../ownership/release-docker-network.ts'
import type { SharingContext } from '../sharing-context.ts'

/** Ends what the shared network has in the network service. Returns false, with nothing done, if other hosts use it. */
export async function releaseUnlessInUse({ neutron, host, signal }: SharingContext, id: string): Promise<boolean> {
  const ports = await containerPorts(neutron, id, { signal })
  if (ports.some(port => hostOfPort(port) !== host)) return false
  await releaseDockerNetwork(neutron, id, { signal })
  return true
}
