/**
 * The key space of the embedded Neutron. What may exist only once is a key of its own, made with the condition that it
 * does not exist yet: so no two hosts can ever make it twice.
 */
export const keys = {
  /** Put by every transaction of the service: its revision tells a reader how far its replica must be. */
  head: 'head',
  /** Names this store since its first use. A store with another name is another store, however alike. */
  generation: 'generation',
  network: (id: string) => `networks/${id}`,
  subnet: (id: string) => `subnets/${id}`,
  subnetpool: (id: string) => `subnetpools/${id}`,
  port: (id: string) => `ports/${id}`,
  agent: (host: string) => `agents/${host}`,
  /** Leased: there as long as the host's daemon is alive. */
  agentAlive: (host: string) => `agents-alive/${host}`,
  /** THE allocation of an address. */
  address: (subnetId: string, address: string) => `addresses/${subnetId}/${address}`,
  addressesOf: (subnetId: string) => `addresses/${subnetId}/`,
  /** One per port: the MAC is unique in the network, and the prefix is empty when the network has no port. */
  mac: (networkId: string, mac: string) => `macs/${networkId}/${mac}`,
  macsOf: (networkId: string) => `macs/${networkId}/`,
  /** The network's subnets in the order of their making. There as long as the network is. */
  networkSubnets: (networkId: string) => `network-subnets/${networkId}`,
  /** What was allocated out of a subnet pool. There as long as the pool is. */
  poolPrefixes: (poolId: string) => `pool-prefixes/${poolId}`,
  vni: (vni: number) => `vnis/${vni}`,
} as const
