import type { AccessServices, FloatingIp } from '../neutron/access.ts'
import type { Call } from '../neutron/neutron.ts'
import { ifThere } from './if-there.ts'

/** Every floating IP that we may see; none, where Neutron has no routers. */
export async function listFloatingIps(
  { floatingIps }: Pick<AccessServices, 'floatingIps'>,
  call: Call,
): Promise<FloatingIp[]> {
  return (await ifThere(floatingIps.list({}, call))) ?? []
}
