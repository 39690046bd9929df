import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { EndpointLedger } from '../ownership/endpoint-ledger.ts'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { NetworkLedger } from '../ownership/network-ledger.ts'
import type { PoolLedger } from '../ownership/pool-ledger.ts'
import type { PortExposure } from '../port-access/port-exposure.ts'
import type { PortBinding } from '../port-binding/port-binding.ts'

/** What the IPAM calls work with. */
export interface IpamContext {
  neutron: Neutron
  /** `undefined`: the network service has no security groups. */
  access: AccessServices | undefined
  /** Closes what was open for a container that is gone; `undefined` where nothing is closed. */
  exposure: Pick<PortExposure, 'released'> | undefined
  /** Unplugs the port of a released address, where Docker left out DeleteEndpoint. */
  binding: Pick<PortBinding, 'unbind' | 'isOnAnyHost'>
  pools: PoolLedger
  endpoints: EndpointLedger
  networks: NetworkLedger
  /** Goes on with what must be taken back and cannot be now. */
  later: RetryLater
  options: IpamOptions
}

export interface IpamOptions {
  /** This host's name in the network service (`binding:host_id`). */
  host: string
  localAddressSpace: string
  globalAddressSpace: string
  /** `subnetpool_name_prefix` */
  subnetPoolNamePrefix: string
  /** Names of the pools that networks without `--subnet` take their prefix from. */
  defaultSubnetPool: Record<4 | 6, string>
  /** Stand for a default pool that is not there; `undefined` (OpenStack): the operator makes it. */
  defaultPrefixes: Record<4 | 6, { prefix: string; prefixLength: number }> | undefined
}
