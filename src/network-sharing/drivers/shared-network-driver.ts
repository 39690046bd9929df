import type { NetworkDriver, PluginCall } from '../../docker-plugin/drivers.ts'
import type { CreateNetworkRequest } from '../../docker-plugin/network-driver-messages.ts'
import { SHARED_ID_OPTION } from '../../ownership/driver-options.ts'
import { isShared, refuseUnknown, sharedIdOfCall, type SharingOfCalls } from './sharing-of-calls.ts'

/**
 * The network driver on a host that shares its networks: a Docker network of this host is the shared one, whatever id
 * Docker gave it here, so the driver behind hears of shared ids only. What Docker removes here goes only when sharing
 * finds that no host needs it.
 */
export function shareNetworkDriver(driver: NetworkDriver, sharing: SharingOfCalls): NetworkDriver {
  const shared = async <Request extends { NetworkID: string }>(
    request: Request,
    call: PluginCall,
  ): Promise<Request> => ({
    ...request,
    NetworkID: await sharedIdOfCall(sharing, request.NetworkID, call),
  })
  const { memberships, inTheMaking } = sharing
  const makeNoted = async (request: CreateNetworkRequest, call: PluginCall): Promise<void> => {
    memberships.noteMade(request.NetworkID)
    try {
      await driver.createNetwork(request, call)
    } catch (error) {
      memberships.dropMade(request.NetworkID)
      throw error
    }
  }
  return {
    ...driver,
    async createNetwork(request, call) {
      const id = markerOf(request)
      if (id === undefined) return inTheMaking.while(request.NetworkID, () => makeNoted(request, call))
      await refuseUnknown(sharing, id, call)
      memberships.addNetwork(request.NetworkID, id)
      call.log.info({ sharedId: id }, 'the network is a replica of a shared one')
    },
    async deleteNetwork(request, call) {
      const id = await sharedIdOfCall(sharing, request.NetworkID, call)
      if (!(await isShared(sharing, id, call))) {
        await driver.deleteNetwork(request, call)
        memberships.dropMade(request.NetworkID)
        return
      }
      if (sharing.via === 'cluster') memberships.noteRemoved(id)
      call.log.info({ sharedId: id }, 'the network is shared: its Neutron network stays until no host needs it')
    },
    createEndpoint: async (request, call) => driver.createEndpoint(await shared(request, call), call),
    deleteEndpoint: async (request, call) => driver.deleteEndpoint(await shared(request, call), call),
    endpointOperInfo: async (request, call) => driver.endpointOperInfo(await shared(request, call), call),
    join: async (request, call) => driver.join(await shared(request, call), call),
    leave: async (request, call) => driver.leave(await shared(request, call), call),
    programExternalConnectivity: async (request, call) =>
      driver.programExternalConnectivity(await shared(request, call), call),
    revokeExternalConnectivity: async (request, call) =>
      driver.revokeExternalConnectivity(await shared(request, call), call),
  }
}

function markerOf({ Options }: CreateNetworkRequest): string | undefined {
  const generic = Options?.['com.docker.network.generic']
  if (typeof generic !== 'object' || generic === null) return undefined
  const marker = new Map<string, unknown>(Object.entries(generic)).get(SHARED_ID_OPTION)
  return typeof marker === 'string' ? marker : undefined
}
