import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { EndpointLedger } from '../ownership/endpoint-ledger.ts'
import type { RetryLater } from '../concurrency/retry-later.ts'
import type { KnownNames } from '../ownership/known-names.ts'
import type { NetworkLedger } from '../ownership/network-ledger.ts'
import type { PoolLedger } from '../ownership/pool-ledger.ts'
import type { PortExposure } from '../port-access/port-exposure.ts'
import type { PublishingContext } from '../port-access/publishing-context.ts'
import type { PortOutcomes } from '../port-access/port-outcomes.ts'
import type { PortBinding } from '../port-binding/port-binding.ts'

/** What the network driver's calls work with. */
export interface NetworkContext {
  neutron: Neutron
  /** `undefined`: the network service lets everybody in its networks reach everybody there. */
  access: AccessServices | undefined
  /** Opens what containers expose; `undefined` where nothing is closed. */
  exposure: PortExposure | undefined
  /** `undefined`: the network service has no floating IPs. */
  publishing: PublishingContext | undefined
  /** What became of ports that containers ask to publish. */
  portOutcomes: PortOutcomes
  binding: PortBinding
  pools: PoolLedger
  endpoints: EndpointLedger
  networks: NetworkLedger
  /** Of security groups and QoS policies that endpoints' options name. */
  names: KnownNames
  /** Goes on with what must be taken back and cannot be now. */
  later: RetryLater
  options: NetworkOptions
}

export interface NetworkOptions {
  /** This host's name in the network service (`binding:host_id`). */
  host: string
  /** `capability_scope` */
  scope: 'local' | 'global'
  /** `[neutron] enable_dhcp` of subnets that are made. */
  enableDhcp: boolean
  /** `subnetpool_name_prefix` */
  subnetPoolNamePrefix: string
  /** `[binding] veth_dst_prefix`: Docker names the container's interface with it and a number. */
  interfacePrefix: string
}
