import type { AccessServices, FloatingIp } from '../neutron/access.ts'
import { isNotFound } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'

/** Every floating IP that we may see; none, where Neutron has no routers. */
export async function listFloatingIps(
  { floatingIps }: Pick<AccessServices, 'floatingIps'>,
  call: Call,
): Promise<FloatingIp[]> {
  try {
    return await floatingIps.list({}, call)
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}
