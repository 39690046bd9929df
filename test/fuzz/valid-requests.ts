import type { SeededRandom } from './seeded-random.ts'

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
/** A JSON object. */
export type JsonObject = Record<string, Json>

const label = 'com.docker.network'

/** For each method of the protocol a valid request as Docker sends it, or none where it sends an empty body. */
export const validRequests: Readonly<Record<string, (random: SeededRandom) => JsonObject | undefined>> = {
  'Plugin.Activate': none,
  'NetworkDriver.GetCapabilities': none,
  'NetworkDriver.AllocateNetwork': random => ({
    NetworkID: swarmId(random),
    Options: { 'neutron.net.name': 'blue' },
    ...ipamData(random),
  }),
  'NetworkDriver.FreeNetwork': random => ({ NetworkID: swarmId(random) }),
  'NetworkDriver.CreateNetwork': random => ({
    NetworkID: random.hex(64),
    Options: {
      [`${label}.enable_ipv4`]: true,
      [`${label}.enable_ipv6`]: random.once(2),
      [`${label}.generic`]: { 'neutron.net.uuid': uuid(random) },
    },
    ...ipamData(random),
  }),
  'NetworkDriver.DeleteNetwork': random => ({ NetworkID: random.hex(64) }),
  'NetworkDriver.CreateEndpoint': random => ({
    ...endpoint(random),
    Interface: { Address: cidr4(random), AddressIPv6: random.once(2) ? '' : cidr6(random), MacAddress: mac(random) },
    Options: {
      [`${label}.endpoint.exposedports`]: [{ Proto: 6, Port: 80 }],
      [`${label}.endpoint.ifname`]: 'lan0',
      [`${label}.endpoint.macaddress`]: 'Aqq7zN3u',
      [`${label}.portmap`]: [{ Proto: 6, IP: '', Port: 80, HostIP: '', HostPort: 8080, HostPortEnd: 8080 }],
    },
  }),
  'NetworkDriver.EndpointOperInfo': endpoint,
  'NetworkDriver.DeleteEndpoint': endpoint,
  'NetworkDriver.Join': random => ({
    ...endpoint(random),
    SandboxKey: `/var/run/docker/netns/${random.hex(12)}`,
    Options: { [`${label}.endpoint.exposedports`]: [], [`${label}.portmap`]: [] },
  }),
  'NetworkDriver.Leave': endpoint,
  'NetworkDriver.ProgramExternalConnectivity': random => ({
    ...endpoint(random),
    Options: { [`${label}.driver.private.no_proxy_6to4`]: random.once(2), [`${label}.portmap`]: [] },
  }),
  'NetworkDriver.RevokeExternalConnectivity': endpoint,
  'NetworkDriver.DiscoverNew': discovery,
  'NetworkDriver.DiscoverDelete': discovery,
  'NetworkDriver.GwAllocCheck': () => ({ Options: { [`${label}.enable_ipv4`]: true, [`${label}.generic`]: {} } }),
  'IpamDriver.GetCapabilities': none,
  'IpamDriver.GetDefaultAddressSpaces': none,
  'IpamDriver.RequestPool': random => ({
    AddressSpace: 'global_scope',
    Pool: `10.${random.below(256)}.0.0/16`,
    SubPool: random.once(2) ? '' : '10.0.0.0/24',
    Options: random.once(2) ? null : { 'neutron.pool.name': 'blue' },
    V6: false,
  }),
  'IpamDriver.ReleasePool': random => ({ PoolID: uuid(random) }),
  'IpamDriver.RequestAddress': random => ({
    PoolID: uuid(random),
    Address: random.once(2) ? '' : `10.0.0.${random.below(256)}`,
    // The name comes with Docker 29.
    Options: random.once(2) ? { [`${label}.endpoint.name`]: 'web-1' } : { RequestAddressType: `${label}.gateway` },
  }),
  'IpamDriver.ReleaseAddress': random => ({ PoolID: uuid(random), Address: `10.0.0.${random.below(256)}` }),
}

function none(): undefined {
  return undefined
}

function endpoint(random: SeededRandom): JsonObject {
  return { NetworkID: random.hex(64), EndpointID: random.hex(64) }
}

function discovery(random: SeededRandom): JsonObject {
  return { DiscoveryType: 1, DiscoveryData: { Address: `10.99.0.${random.below(256)}`, BindAddress: '', Self: true } }
}

function ipamData(random: SeededRandom): JsonObject {
  const aux = random.once(2) ? {} : { AuxAddresses: { printer: cidr4(random) } }
  return {
    IPv4Data: [{ AddressSpace: 'global_scope', Pool: '10.0.0.0/24', Gateway: '10.0.0.1/24', ...aux }],
    IPv6Data: random.once(2) ? null : [{ AddressSpace: 'global_scope', Pool: 'fd00::/64', Gateway: 'fd00::1/64' }],
  }
}

function cidr4(random: SeededRandom): string {
  return `10.0.0.${random.below(256)}/24`
}

function cidr6(random: SeededRandom): string {
  return `fd00::${random.hex(4)}/64`
}

function mac(random: SeededRandom): string {
  return `02:42:${(random.hex(8).match(/../g) ?? []).join(':')}`
}

function uuid(random: SeededRandom): string {
  return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`
}

function swarmId(random: SeededRandom): string {
  return `vw7n${random.hex(21)}`
}
