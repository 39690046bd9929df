import type { Logger } from 'pino'
import { RetryLater } from '../concurrency/retry-later.ts'
import type { Config } from '../config/option-table.ts'
import type { IpamDriver, NetworkDriver } from '../docker-plugin/drivers.ts'
import { openIpamDriver } from '../ipam-driver/ipam-driver.ts'
import { openNetworkDriver } from '../network-driver/network-driver.ts'
import { NeutronError } from '../neutron/errors.ts'
import { BELIEVED_FOR } from '../ownership/believed.ts'
import { EndpointLedger } from '../ownership/endpoint-ledger.ts'
import { KnownNames } from '../ownership/known-names.ts'
import { NetworkLedger } from '../ownership/network-ledger.ts'
import { PoolLedger } from '../ownership/pool-ledger.ts'
import { PortExposure } from '../port-access/port-exposure.ts'
import { PortOutcomes } from '../port-access/port-outcomes.ts'
import { openPublishing } from '../port-access/publishing-context.ts'
import type { NetworkBackend } from './network-backend.ts'

/** Where networks without `--subnet` get theirs in embedded mode: a private range that few others use, and a ULA. */
const DEFAULT_PREFIXES = {
  4: { prefix: '10.192.0.0/10', prefixLength: 24 },
  6: { prefix: 'fd6b:7572:7972::/48', prefixLength: 64 },
}

/** What goes on with what the drivers must take back and cannot, while the network service does not answer. */
export function openRetryLater(log: Logger): RetryLater {
  const isFinal = (error: unknown): boolean => error instanceof NeutronError && error.status < 500 && !error.retryable
  return new RetryLater({ isFinal, log })
}

/**
 * What opens the ports that containers expose; `undefined` with the embedded Neutron, where nothing is closed.
 *
 * @param parts.keptFor milliseconds that a group without a port of this host is kept
 */
export function openPortExposure(
  { DEFAULT }: Config,
  {
    neutron,
    access,
    ...parts
  }: Pick<NetworkBackend, 'neutron' | 'access'> & {
    later: RetryLater
    log: Logger
    keptFor?: number
  },
): PortExposure | undefined {
  if (!access) return undefined
  const { host, process_external_connectivity: enabled } = DEFAULT
  return new PortExposure({ neutron, access, host, enabled, ...parts })
}

export interface DriverParts extends Pick<NetworkBackend, 'kind' | 'neutron' | 'access' | 'binding'> {
  later: RetryLater
  exposure: PortExposure | undefined
  portOutcomes?: PortOutcomes
}

/** Both of Docker's drivers over one network service; they share what they know of calls in between. */
export function openDrivers(
  { DEFAULT, neutron: options, binding: bindingOptions }: Config,
  { kind, neutron, access, binding, later, exposure, portOutcomes = new PortOutcomes() }: DriverParts,
): { networkDriver: NetworkDriver; ipamDriver: IpamDriver } {
  const shared = {
    neutron,
    access,
    exposure,
    binding,
    pools: new PoolLedger(),
    endpoints: new EndpointLedger(),
    networks: new NetworkLedger({ maxAge: kind === 'embedded' ? 0 : BELIEVED_FOR }),
    later,
  }
  const ipamDriver = openIpamDriver({
    ...shared,
    options: {
      host: DEFAULT.host,
      localAddressSpace: DEFAULT.local_default_address_space,
      globalAddressSpace: DEFAULT.global_default_address_space,
      subnetPoolNamePrefix: DEFAULT.subnetpool_name_prefix,
      defaultSubnetPool: { 4: options.default_subnetpool_v4, 6: options.default_subnetpool_v6 },
      defaultPrefixes: kind === 'embedded' ? DEFAULT_PREFIXES : undefined,
    },
  })
  const networkDriver = openNetworkDriver({
    ...shared,
    names: new KnownNames(),
    publishing: access && openPublishing({ neutron, access, host: DEFAULT.host, later }),
    portOutcomes,
    options: {
      host: DEFAULT.host,
      scope: DEFAULT.capability_scope,
      enableDhcp: options.enable_dhcp,
      subnetPoolNamePrefix: DEFAULT.subnetpool_name_prefix,
      interfacePrefix: bindingOptions.veth_dst_prefix,
    },
  })
  return { networkDriver, ipamDriver }
}
