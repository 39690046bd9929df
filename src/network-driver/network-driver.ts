import { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { NetworkDriver } from '../docker-plugin/drivers.ts'
import { refusing } from '../ownership/refuse.ts'
import type { NetworkContext } from './context.ts'
import { createEndpoint } from './create-endpoint.ts'
import { createNetwork } from './create-network.ts'
import { deleteEndpoint } from './delete-endpoint.ts'
import { deleteNetwork } from './delete-network.ts'
import { gwAllocCheck } from './gw-alloc-check.ts'
import { join } from './join.ts'
import { programExternalConnectivity } from './program-external-connectivity.ts'
import { publishAhead } from './publish-endpoint.ts'
import { revokeExternalConnectivity } from './revoke-external-connectivity.ts'

/** The network driver: Docker's networks and endpoints as Neutron's networks and ports, one file per call. */
export function openNetworkDriver(context: NetworkContext): NetworkDriver {
  // Docker may repeat a call whose connection broke while the first is still at work.
  const networks = new KeyedMutex()
  const endpoints = new KeyedMutex()
  return {
    getCapabilities: () =>
      Promise.resolve({ Scope: context.options.scope, ConnectivityScope: 'global', GwAllocChecker: true }),
    createNetwork: (request, call) =>
      networks.run(request.NetworkID, () => refusing(() => createNetwork(context, request, call))),
    deleteNetwork: (request, call) =>
      networks.run(request.NetworkID, () => refusing(() => deleteNetwork(context, request, call))),
    createEndpoint: (request, call) =>
      endpoints.run(request.EndpointID, () => refusing(() => createEndpoint(context, request, call))),
    deleteEndpoint: (request, call) =>
      endpoints.run(request.EndpointID, () => refusing(() => deleteEndpoint(context, request, call))),
    join: (request, call) =>
      endpoints.run(request.EndpointID, () =>
        refusing(async () => {
          const joined = await join(context, request, call)
          if (joined.Gateway !== undefined) await publishAhead(context, request, call)
          return joined
        }),
      ),
    programExternalConnectivity: (request, call) =>
      endpoints.run(request.EndpointID, () => refusing(() => programExternalConnectivity(context, request, call))),
    revokeExternalConnectivity: (request, call) =>
      endpoints.run(request.EndpointID, () => refusing(() => revokeExternalConnectivity(context, request, call))),
    // Swarm managers ask for it; what a network needs is made in CreateNetwork on each node.
    allocateNetwork: request => Promise.resolve({ Options: request.Options ?? {} }),
    // Docker discards any value: it looks for Go types that JSON cannot carry (moby daemon/network.go).
    endpointOperInfo: () => Promise.resolve({ Value: {} }),
    gwAllocCheck: (request, call) => refusing(() => gwAllocCheck(context, request, call)),
    freeNetwork: nothingToDo,
    leave: nothingToDo,
    discoverNew: nothingToDo,
    discoverDelete: nothingToDo,
  }
}

function nothingToDo(): Promise<void> {
  return Promise.resolve()
}
