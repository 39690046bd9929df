import { type Static, Type } from 'typebox'
import { AnyOptions, AuxAddresses, Cidr, DockerId, MacAddress, TextOptions } from './message-fields.ts'

/**
 * The messages of libnetwork's remote network driver protocol: one schema per request, one type per answer. Facts:
 * libnetwork's `drivers/remote/api`, and the calls of Docker 20.10 to 28 as recorded.
 */

export const IpamData = Type.Object({
  AddressSpace: Type.Optional(Type.String()),
  Pool: Cidr,
  /** Absent with GwAllocCheck (Docker 28), or where no gateway is wanted. */
  Gateway: Type.Optional(Cidr),
  /** Name to CIDR. */
  AuxAddresses: Type.Optional(AuxAddresses),
})
export type IpamData = Static<typeof IpamData>
const IpamDataList = Type.Union([Type.Array(IpamData), Type.Null()])

export const CreateNetworkRequest = Type.Object({
  NetworkID: DockerId,
  /** `com.docker.network.generic` holds the `-o` options, `com.docker.network.enable_ipv6` a boolean. */
  Options: Type.Optional(AnyOptions),
  IPv4Data: Type.Optional(IpamDataList),
  IPv6Data: Type.Optional(IpamDataList),
})
export type CreateNetworkRequest = Static<typeof CreateNetworkRequest>

/** Swarm managers only. */
export const AllocateNetworkRequest = Type.Object({
  NetworkID: DockerId,
  Options: Type.Optional(TextOptions),
  IPv4Data: Type.Optional(IpamDataList),
  IPv6Data: Type.Optional(IpamDataList),
})
export type AllocateNetworkRequest = Static<typeof AllocateNetworkRequest>

export const NetworkRequest = Type.Object({ NetworkID: DockerId })
export type NetworkRequest = Static<typeof NetworkRequest>

export const EndpointRequest = Type.Object({ NetworkID: DockerId, EndpointID: DockerId })
export type EndpointRequest = Static<typeof EndpointRequest>

export const CreateEndpointRequest = Type.Object({
  NetworkID: DockerId,
  EndpointID: DockerId,
  Interface: Type.Optional(
    Type.Union([
      Type.Object({
        Address: Type.Optional(Cidr),
        AddressIPv6: Type.Optional(Cidr),
        MacAddress: Type.Optional(MacAddress),
      }),
      Type.Null(),
    ]),
  ),
  Options: Type.Optional(AnyOptions),
})
export type CreateEndpointRequest = Static<typeof CreateEndpointRequest>

export const JoinRequest = Type.Object({
  NetworkID: DockerId,
  EndpointID: DockerId,
  /** The path of the sandbox: `/var/run/docker/netns/…`, or below another `--exec-root`. */
  SandboxKey: Type.String({
    pattern: '^(?![^]*/\\.\\.?(/|$))/[^\\u0000-\\u001f]{0,4095}$',
    description: 'the absolute path of the sandbox, without "." or ".." in it',
  }),
  Options: Type.Optional(AnyOptions),
})
export type JoinRequest = Static<typeof JoinRequest>

export const ExternalConnectivityRequest = Type.Object({
  NetworkID: DockerId,
  EndpointID: DockerId,
  Options: Type.Optional(AnyOptions),
})
export type ExternalConnectivityRequest = Static<typeof ExternalConnectivityRequest>

/** Nodes that join or leave a cluster store or swarm (DiscoveryType 1); never networks. */
export const DiscoveryRequest = Type.Object({
  DiscoveryType: Type.Integer(),
  DiscoveryData: Type.Optional(Type.Unknown()),
})
export type DiscoveryRequest = Static<typeof DiscoveryRequest>

/** Docker 28 and newer: the options of a network about to be created. */
export const GwAllocCheckRequest = Type.Object({ Options: Type.Optional(AnyOptions) })
export type GwAllocCheckRequest = Static<typeof GwAllocCheckRequest>

export interface NetworkDriverCapabilities {
  Scope: 'local' | 'global'
  ConnectivityScope: 'local' | 'global'
  GwAllocChecker?: boolean
}

export interface CreateEndpointResponse {
  /** Only what Docker did not give itself: answering a given field is an error to Docker. */
  Interface: { Address?: string; AddressIPv6?: string; MacAddress?: string }
}

export interface StaticRoute {
  Destination: string
  /** 0: through `NextHop`; 1: on the link. */
  RouteType: 0 | 1
  NextHop: string
}

export interface JoinResponse {
  InterfaceName: { SrcName: string; DstPrefix: string; DstName?: string }
  Gateway?: string
  GatewayIPv6?: string
  StaticRoutes?: StaticRoute[]
  DisableGatewayService: boolean
}
