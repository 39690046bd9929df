import type { Logger } from 'pino'
import type {
  DefaultAddressSpaces,
  IpamCapabilities,
  ReleaseAddressRequest,
  ReleasePoolRequest,
  RequestAddressRequest,
  RequestAddressResponse,
  RequestPoolRequest,
  RequestPoolResponse,
} from './ipam-driver-messages.ts'
import type {
  AllocateNetworkRequest,
  CreateEndpointRequest,
  CreateEndpointResponse,
  CreateNetworkRequest,
  DiscoveryRequest,
  EndpointRequest,
  ExternalConnectivityRequest,
  GwAllocCheckRequest,
  JoinRequest,
  JoinResponse,
  NetworkDriverCapabilities,
  NetworkRequest,
} from './network-driver-messages.ts'

/** What a driver is told of a call beside its message. */
export interface PluginCall {
  /** Aborts at the call's deadline and when the daemon stops: what was half done must then be undone. */
  signal: AbortSignal
  /** Carries the call's method and ids. */
  log: Logger
}

/** What answers `NetworkDriver.*`. Requests are valid by schema; any rejection becomes the call's `Err`. */
export interface NetworkDriver {
  getCapabilities(call: PluginCall): Promise<NetworkDriverCapabilities>
  allocateNetwork(request: AllocateNetworkRequest, call: PluginCall): Promise<{ Options: Record<string, string> }>
  freeNetwork(request: NetworkRequest, call: PluginCall): Promise<void>
  createNetwork(request: CreateNetworkRequest, call: PluginCall): Promise<void>
  deleteNetwork(request: NetworkRequest, call: PluginCall): Promise<void>
  createEndpoint(request: CreateEndpointRequest, call: PluginCall): Promise<CreateEndpointResponse>
  endpointOperInfo(request: EndpointRequest, call: PluginCall): Promise<{ Value: Record<string, unknown> }>
  deleteEndpoint(request: EndpointRequest, call: PluginCall): Promise<void>
  join(request: JoinRequest, call: PluginCall): Promise<JoinResponse>
  leave(request: EndpointRequest, call: PluginCall): Promise<void>
  programExternalConnectivity(request: ExternalConnectivityRequest, call: PluginCall): Promise<void>
  revokeExternalConnectivity(request: EndpointRequest, call: PluginCall): Promise<void>
  discoverNew(request: DiscoveryRequest, call: PluginCall): Promise<void>
  discoverDelete(request: DiscoveryRequest, call: PluginCall): Promise<void>
  gwAllocCheck(request: GwAllocCheckRequest, call: PluginCall): Promise<{ SkipIPv4: boolean; SkipIPv6: boolean }>
}

/** What answers `IpamDriver.*`. */
export interface IpamDriver {
  getCapabilities(call: PluginCall): Promise<IpamCapabilities>
  getDefaultAddressSpaces(call: PluginCall): Promise<DefaultAddressSpaces>
  requestPool(request: RequestPoolRequest, call: PluginCall): Promise<RequestPoolResponse>
  releasePool(request: ReleasePoolRequest, call: PluginCall): Promise<void>
  requestAddress(request: RequestAddressRequest, call: PluginCall): Promise<RequestAddressResponse>
  releaseAddress(request: ReleaseAddressRequest, call: PluginCall): Promise<void>
}
