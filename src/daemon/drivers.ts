import type { Config } from '../config/option-table.ts'
import type { IpamDriver, NetworkDriver } from '../docker-plugin/drivers.ts'
import { openIpamDriver } from '../ipam-driver/ipam-driver.ts'
import { openNetworkDriver } from '../network-driver/network-driver.ts'
import { EndpointLedger } from '../ownership/endpoint-ledger.ts'
import { PoolLedger } from '../ownership/pool-ledger.ts'
import type { NetworkBackend } from './network-backend.ts'

/** Where networks without `--subnet` get theirs in embedded mode: a private range that few others use, and a ULA. */
const DEFAULT_PREFIXES = {
  4: { prefix: '10.192.0.0/10', prefixLength: 24 },
  6: { prefix: 'fd6b:7572:7972::/48', prefixLength: 64 },
}

/** Both of Docker's drivers over one network service; they share what they know of calls in between. */
export function openDrivers(
  { DEFAULT, neutron: options, binding: bindingOptions }: Config,
  { kind, neutron, binding }: Pick<NetworkBackend, 'kind' | 'neutron' | 'binding'>,
): { networkDriver: NetworkDriver; ipamDriver: IpamDriver } {
  const shared = { neutron, binding, pools: new PoolLedger(), endpoints: new EndpointLedger() }
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
