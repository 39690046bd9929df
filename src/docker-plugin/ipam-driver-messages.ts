import { type Static, Type } from 'typebox'
import { Address, Cidr, PoolId, TextOptions } from './message-fields.ts'

/**
 * The messages of libnetwork's remote IPAM driver protocol. Facts: libnetwork's `ipams/remote/api`, and the calls of
 * Docker 20.10 to 28 as recorded.
 */

export const RequestPoolRequest = Type.Object({
  AddressSpace: Type.Optional(Type.String()),
  /** `--subnet`, or "". */
  Pool: Cidr,
  /** `--ip-range`, or "". */
  SubPool: Type.Optional(Cidr),
  /** `--ipam-opt`. */
  Options: Type.Optional(TextOptions),
  V6: Type.Optional(Type.Boolean()),
})
export type RequestPoolRequest = Static<typeof RequestPoolRequest>

export interface RequestPoolResponse {
  PoolID: string
  /** CIDR. */
  Pool: string
  /** `com.docker.network.gateway` (CIDR) spares Docker the gateway's RequestAddress where the user named none. */
  Data: Record<string, string>
}

export const ReleasePoolRequest = Type.Object({ PoolID: PoolId })
export type ReleasePoolRequest = Static<typeof ReleasePoolRequest>

export const RequestAddressRequest = Type.Object({
  PoolID: PoolId,
  /** `--ip`, `--gateway` or an `--aux-address`; "" for any. */
  Address: Type.Optional(Address),
  /** `RequestAddressType` = `com.docker.network.gateway` marks a gateway. */
  Options: Type.Optional(TextOptions),
})
export type RequestAddressRequest = Static<typeof RequestAddressRequest>

export interface RequestAddressResponse {
  /** With prefix length. */
  Address: string
  Data: Record<string, string>
}

export const ReleaseAddressRequest = Type.Object({ PoolID: PoolId, Address })
export type ReleaseAddressRequest = Static<typeof ReleaseAddressRequest>

export interface IpamCapabilities {
  RequiresMACAddress: boolean
  RequiresRequestReplay: boolean
}

export interface DefaultAddressSpaces {
  LocalDefaultAddressSpace: string
  GlobalDefaultAddressSpace: string
}
