import { keys } from '../../src/neutron-service/keys.ts'
import { decode } from '../../src/neutron-service/records.ts'
import type { Store } from '../../src/store/store.ts'

/** The records of the embedded Neutron as they lie in the store, by kind and by the rest of the key. */
class Records {
  readonly #values = new Map<string, string>()

  constructor(entries: readonly { key: string; value: string }[]) {
    for (const { key, value } of entries) this.#values.set(key, value)
  }

  of<T>(prefix: string, read: (value: string) => T): [name: string, record: T][] {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), read(value)])
  }

  at<T>(key: string, read: (value: string) => T): T | undefined {
    const value = this.#values.get(key)
    return value === undefined ? undefined : read(value)
  }
}

/**
 * Reads the store past the service and compares all that refers to each other, both ways: addresses and ports, MACs and
 * ports, lists of subnets and subnets, prefixes of pools and subnets, VNIs and networks.
 * @returns what does not fit, in words; empty when all does
 */
export async function storeFaults(store: Store): Promise<string[]> {
  const records = new Records((await store.range('')).entries)
  return [
    ...addressFaults(records),
    ...macFaults(records),
    ...subnetFaults(records),
    ...poolFaults(records),
    ...vniFaults(records),
  ]
}

function addressFaults(records: Records): string[] {
  const faults: string[] = []
  for (const [name, claim] of records.of('addresses/', decode.addresses)) {
    const [subnetId = '', address = ''] = name.split('/')
    const port = records.at(keys.port(claim.port), decode.ports)
    if (!port?.fixed_ips.some(fixed => fixed.subnet_id === subnetId && fixed.ip_address === address))
      faults.push(
        `address ${name} is claimed for port ${claim.port}, which ${port ? 'does not have it' : 'is not there'}`,
      )
    if (!records.at(keys.subnet(subnetId), decode.subnets)) faults.push(`address ${name} is of no subnet`)
  }
  for (const [id, port] of records.of('ports/', decode.ports)) {
    for (const { subnet_id, ip_address } of port.fixed_ips) {
      const claim = records.at(keys.address(subnet_id, ip_address), decode.addresses)
      if (claim?.port !== id) faults.push(`port ${id} has ${ip_address}, claimed for ${claim?.port ?? 'nobody'}`)
    }
  }
  return faults
}

function macFaults(records: Records): string[] {
  const faults: string[] = []
  for (const [name, portId] of records.of('macs/', decode.owner)) {
    const port = records.at(keys.port(portId), decode.ports)
    if (!port || `${port.network_id}/${port.mac_address}` !== name)
      faults.push(`MAC ${name} is claimed for port ${portId}, which does not have it`)
  }
  for (const [id, port] of records.of('ports/', decode.ports)) {
    if (records.at(keys.mac(port.network_id, port.mac_address), decode.owner) !== id)
      faults.push(`the MAC of port ${id} is not claimed for it`)
    if (!records.at(keys.network(port.network_id), decode.networks)) faults.push(`port ${id} is of no network`)
  }
  return faults
}

function subnetFaults(records: Records): string[] {
  const faults: string[] = []
  for (const [networkId, list] of records.of('network-subnets/', decode.prefixes)) {
    if (!records.at(keys.network(networkId), decode.networks))
      faults.push(`a list of subnets of no network: ${networkId}`)
    for (const { id, cidr } of list) {
      const subnet = records.at(keys.subnet(id), decode.subnets)
      if (subnet?.network_id !== networkId || subnet.cidr !== cidr)
        faults.push(`network ${networkId} lists subnet ${id} (${cidr}), which is not its`)
    }
  }
  for (const [id, subnet] of records.of('subnets/', decode.subnets)) {
    const list = records.at(keys.networkSubnets(subnet.network_id), decode.prefixes) ?? []
    if (list.filter(entry => entry.id === id).length !== 1)
      faults.push(`subnet ${id} is not listed once by its network`)
  }
  for (const [id] of records.of('networks/', decode.networks))
    if (!records.at(keys.networkSubnets(id), decode.prefixes)) faults.push(`network ${id} has no list of subnets`)
  return faults
}

function poolFaults(records: Records): string[] {
  const faults: string[] = []
  for (const [poolId, list] of records.of('pool-prefixes/', decode.prefixes)) {
    if (!records.at(keys.subnetpool(poolId), decode.subnetpools)) faults.push(`prefixes of no pool: ${poolId}`)
    for (const { id, cidr } of list) {
      const subnet = records.at(keys.subnet(id), decode.subnets)
      if (subnet?.subnetpool_id !== poolId || subnet.cidr !== cidr)
        faults.push(`pool ${poolId} holds ${cidr} for subnet ${id}, which does not have it`)
    }
  }
  for (const [id, subnet] of records.of('subnets/', decode.subnets)) {
    if (subnet.subnetpool_id === null) continue
    const list = records.at(keys.poolPrefixes(subnet.subnetpool_id), decode.prefixes) ?? []
    if (list.filter(entry => entry.id === id).length !== 1) faults.push(`subnet ${id} is not held once by its pool`)
  }
  return faults
}

function vniFaults(records: Records): string[] {
  const faults: string[] = []
  for (const [vni, networkId] of records.of('vnis/', decode.owner)) {
    const network = records.at(keys.network(networkId), decode.networks)
    if (String(network?.['provider:segmentation_id']) !== vni)
      faults.push(`VNI ${vni} is claimed for network ${networkId}, which does not have it`)
  }
  for (const [id, network] of records.of('networks/', decode.networks)) {
    const vni = Number(network['provider:segmentation_id'])
    if (records.at(keys.vni(vni), decode.owner) !== id) faults.push(`VNI ${vni} of network ${id} is not claimed for it`)
  }
  return faults
}
