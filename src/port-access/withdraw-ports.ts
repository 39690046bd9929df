import type { AccessServices } from '../neutron/access.ts'
import type { Call } from '../neutron/neutron.ts'
import type { DockerNetwork } from '../ownership/docker-network.ts'
import { ifThere } from '../ownership/if-there.ts'
import { isBirthMark } from '../ownership/birth-marks.ts'
import { findFloatingIps } from './floating-address.ts'
import type { EndpointForwardings } from './publishing-context.ts'

type Access = Pick<AccessServices, 'floatingIps' | 'portForwardings'>

/** Takes these port forwardings back. What is gone already (Neutron removes those of a port that is removed) is success. */
export async function withdrawForwardings(
  access: Pick<AccessServices, 'portForwardings'>,
  { floatingIpId, forwardingIds }: EndpointForwardings,
  call: Call,
): Promise<void> {
  const forwardings = access.portForwardings(floatingIpId)
  for (const id of forwardingIds) await ifThere(forwardings.delete(id, call))
}

/** Takes back every port forwarding of ours that leads to the port: for who does not know what was published. */
export async function withdrawPort(
  access: Access,
  { dockerNetwork, portId }: { dockerNetwork: DockerNetwork; portId: string },
  call: Call,
): Promise<void> {
  for (const { id } of await findFloatingIps(access, dockerNetwork, call)) {
    const forwardingIds = await forwardingsTo(access, { floatingIpId: id, portId }, call)
    await withdrawForwardings(access, { floatingIpId: id, forwardingIds }, call)
  }
}

async function forwardingsTo(
  access: Access,
  { floatingIpId, portId }: { floatingIpId: string; portId: string },
  call: Call,
): Promise<string[]> {
  const found = await ifThere(access.portForwardings(floatingIpId).list({ internal_port_id: portId }, call))
  return (found ?? []).filter(({ description }) => isBirthMark(description)).map(({ id }) => id)
}
