import type { AccessServices } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { Call } from '../neutron/neutron.ts'
import { ifThere } from '../ownership/if-there.ts'
import { pythonExposedGroupName } from '../ownership/marks.ts'

/**
 * Deletes the group that Python Kuryr made for the exposed ports of one port, which is gone (Python Kuryr leaves it:
 * upstream's L7). One that other ports have is left alone.
 */
export async function deletePythonGroup(access: AccessServices, portId: string, call: Call): Promise<void> {
  const query = { name: pythonExposedGroupName(portId), project_id: await access.ownProject(call) }
  for (const { id } of await access.securityGroups.list(query, call)) {
    await ifThere(access.securityGroups.delete(id, call)).catch((error: unknown) => {
      if (!(error instanceof NeutronError && error.type === 'SecurityGroupInUse')) throw error
    })
  }
}
