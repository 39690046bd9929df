import type { AccessServices } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import type { Publishing } from './access-options.ts'
import { ifThere } from './if-there.ts'
import { dockerIdTags } from './marks.ts'

type Access = Pick<AccessServices, 'floatingIps' | 'portForwardings'>

/**
 * Gives back what was allocated for the Docker network's published ports. The operator's own floating IP stays, and no
 * request is made for a network that publishes nothing. Done before is success.
 */
export async function releaseFloatingIps(
  access: Access | undefined,
  { dockerId, publish }: { dockerId: string; publish: Publishing | undefined },
  call: Call,
): Promise<void> {
  if (!access || !publish || publish.address !== undefined) return
  const own = await access.floatingIps.list({ tags: dockerIdTags(dockerId) }, call)
  for (const { id } of own) await releaseFloatingIp(access, id, call)
}

/** Gives one of ours back, with the port forwardings that are left on it: those of containers that ended unseen. */
export async function releaseFloatingIp(access: Access, id: string, call: Call): Promise<void> {
  try {
    await ifThere(access.floatingIps.delete(id, call))
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 409)) throw error
    const forwardings = access.portForwardings(id)
    for (const left of await forwardings.list({}, call)) await ifThere(forwardings.delete(left.id, call))
    await ifThere(access.floatingIps.delete(id, call))
  }
}
