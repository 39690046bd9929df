import type { Static, TObject } from 'typebox'
import type { IpamDriver, NetworkDriver, PluginCall } from './drivers.ts'
import {
  ReleaseAddressRequest,
  ReleasePoolRequest,
  RequestAddressRequest,
  RequestPoolRequest,
} from './ipam-driver-messages.ts'
import {
  AllocateNetworkRequest,
  CreateEndpointRequest,
  CreateNetworkRequest,
  DiscoveryRequest,
  EndpointRequest,
  ExternalConnectivityRequest,
  GwAllocCheckRequest,
  JoinRequest,
  NetworkRequest,
} from './network-driver-messages.ts'
import { validationOf } from './request-validation.ts'

/** The two drivers that answer the protocol's calls. */
export interface Drivers {
  networkDriver: NetworkDriver
  ipamDriver: IpamDriver
}

/**
 * What a call does, which decides what becomes of it when its caller's connection breaks before the answer. Docker then
 * repeats the call with an empty body, which is refused, so that to Docker the call has failed: what `makes` something is
 * aborted and takes it back, since Docker will never ask to delete it; what `removes` something goes on to its end, since
 * Docker forgets the thing whatever the answer; what `reads` just ends.
 */
export type Effect = 'reads' | 'makes' | 'removes'

/** One method of the wire protocol. */
export interface ProtocolMethod {
  effect: Effect
  /** The schema of the request, or none for a method that is called with an empty body. */
  request?: TObject
  /**
   * Validates the body (throws a PluginError of status 400) and gives what carries the call out; its result is the
   * answer, nothing (`undefined`) standing for `{}`.
   */
  prepare(body: unknown): (drivers: Drivers, call: PluginCall) => Promise<unknown>
}

/** Every method that Docker knows, by its name on the wire (the path of the POST). */
export const protocolMethods: Readonly<Record<string, ProtocolMethod>> = {
  'Plugin.Activate': bare(() => Promise.resolve({ Implements: ['NetworkDriver', 'IpamDriver'] })),

  'NetworkDriver.GetCapabilities': bare((d, call) => d.networkDriver.getCapabilities(call)),
  'NetworkDriver.AllocateNetwork': taking(AllocateNetworkRequest, 'makes', (d, r, c) =>
    d.networkDriver.allocateNetwork(r, c),
  ),
  'NetworkDriver.FreeNetwork': taking(NetworkRequest, 'removes', (d, r, c) => d.networkDriver.freeNetwork(r, c)),
  'NetworkDriver.CreateNetwork': taking(CreateNetworkRequest, 'makes', (d, r, c) =>
    d.networkDriver.createNetwork(r, c),
  ),
  'NetworkDriver.DeleteNetwork': taking(NetworkRequest, 'removes', (d, r, c) => d.networkDriver.deleteNetwork(r, c)),
  'NetworkDriver.CreateEndpoint': taking(CreateEndpointRequest, 'makes', (d, r, c) =>
    d.networkDriver.createEndpoint(r, c),
  ),
  'NetworkDriver.EndpointOperInfo': taking(EndpointRequest, 'reads', (d, r, c) =>
    d.networkDriver.endpointOperInfo(r, c),
  ),
  'NetworkDriver.DeleteEndpoint': taking(EndpointRequest, 'removes', (d, r, c) => d.networkDriver.deleteEndpoint(r, c)),
  'NetworkDriver.Join': taking(JoinRequest, 'makes', (d, r, c) => d.networkDriver.join(r, c)),
  'NetworkDriver.Leave': taking(EndpointRequest, 'removes', (d, r, c) => d.networkDriver.leave(r, c)),
  'NetworkDriver.ProgramExternalConnectivity': taking(ExternalConnectivityRequest, 'makes', (d, r, c) =>
    d.networkDriver.programExternalConnectivity(r, c),
  ),
  'NetworkDriver.RevokeExternalConnectivity': taking(EndpointRequest, 'removes', (d, r, c) =>
    d.networkDriver.revokeExternalConnectivity(r, c),
  ),
  'NetworkDriver.DiscoverNew': taking(DiscoveryRequest, 'reads', (d, r, c) => d.networkDriver.discoverNew(r, c)),
  'NetworkDriver.DiscoverDelete': taking(DiscoveryRequest, 'reads', (d, r, c) => d.networkDriver.discoverDelete(r, c)),
  'NetworkDriver.GwAllocCheck': taking(GwAllocCheckRequest, 'reads', (d, r, c) => d.networkDriver.gwAllocCheck(r, c)),

  'IpamDriver.GetCapabilities': bare((d, call) => d.ipamDriver.getCapabilities(call)),
  'IpamDriver.GetDefaultAddressSpaces': bare((d, call) => d.ipamDriver.getDefaultAddressSpaces(call)),
  'IpamDriver.RequestPool': taking(RequestPoolRequest, 'makes', (d, r, c) => d.ipamDriver.requestPool(r, c)),
  'IpamDriver.ReleasePool': taking(ReleasePoolRequest, 'removes', (d, r, c) => d.ipamDriver.releasePool(r, c)),
  'IpamDriver.RequestAddress': taking(RequestAddressRequest, 'makes', (d, r, c) => d.ipamDriver.requestAddress(r, c)),
  'IpamDriver.ReleaseAddress': taking(ReleaseAddressRequest, 'removes', (d, r, c) => d.ipamDriver.releaseAddress(r, c)),
}

/** A method without arguments: Docker sends it with an empty body. */
function bare(run: (drivers: Drivers, call: PluginCall) => Promise<unknown>): ProtocolMethod {
  return { effect: 'reads', prepare: () => run }
}

/** A method with a message. */
function taking<S extends TObject>(
  request: S,
  effect: Effect,
  run: (drivers: Drivers, request: Static<S>, call: PluginCall) => Promise<unknown>,
): ProtocolMethod {
  const validated = validationOf(request)
  return {
    effect,
    request,
    prepare(body) {
      const message = validated(body)
      return (drivers, call) => run(drivers, message, call)
    },
  }
}
