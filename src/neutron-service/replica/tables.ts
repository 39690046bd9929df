import { isIP } from 'node:net'
import { NeutronError } from '../../neutron/errors.ts'
import type { Agent, Network, Port, Subnet, SubnetPool } from '../../neutron/resources.ts'
import type { Change } from '../../store/store.ts'
import { decode, type SubnetPrefix } from '../records.ts'
import type { ServiceLog } from '../service-log.ts'
import type { ViewChange } from '../cluster-view.ts'
import { AddressBook } from './address-book.ts'
import type { Reservations } from './reservations.ts'
import { ResourceTable, type Row } from './resource-table.ts'

/** What the service knows: the records of the store in memory, with the indexes that its rules and lists need. */
export class Tables {
  readonly networks = new ResourceTable<Network>({ name: ({ name }) => [name], tags: ({ tags }) => tags })
  readonly subnets = new ResourceTable<Subnet>({
    name: ({ name }) => [name],
    network_id: subnet => [subnet.network_id],
    cidr: ({ cidr }) => [cidr],
    subnetpool_id: subnet => (subnet.subnetpool_id === null ? [] : [subnet.subnetpool_id]),
    tags: ({ tags }) => tags,
  })
  readonly subnetpools = new ResourceTable<SubnetPool>({ name: ({ name }) => [name], tags: ({ tags }) => tags })
  readonly ports = new ResourceTable<Port>({
    network_id: port => [port.network_id],
    device_id: port => [port.device_id],
    mac_address: port => [port.mac_address],
    'binding:host_id': port => [port['binding:host_id']],
    'fixed_ips.ip_address': port => port.fixed_ips.map(fixed => fixed.ip_address),
    tags: ({ tags }) => tags,
  })
  /** By host. */
  readonly agents = new ResourceTable<Agent>({})
  /** Hosts that are alive, with the time of the lease's beginning. */
  readonly alive = new Map<string, string>()
  readonly addresses: AddressBook
  readonly #macs = new Map<string, string>()
  /** VXLAN network identifiers in use, and the networks that have them. */
  readonly vnis = new Map<number, string>()
  /** By network id. */
  readonly networkSubnets = new Map<string, Row<SubnetPrefix[]>>()
  /** By subnet pool id. */
  readonly poolPrefixes = new Map<string, Row<SubnetPrefix[]>>()
  /** Keys whose records cannot be read, and why: nobody may overwrite or delete what it does not understand. */
  readonly unreadable = new Map<string, string>()
  readonly #log: ServiceLog

  constructor(reservations: Reservations, log: ServiceLog) {
    this.addresses = new AddressBook(reservations)
    this.#log = log
  }

  /** The port that has the MAC in the network. */
  macHolder(networkId: string, mac: string): string | undefined {
    return this.#macs.get(`${networkId}/${mac}`)
  }

  /**
   * Takes one change in, telling `changed` what it was about. A record that cannot be read counts as absent if it was
   * never seen, else as it was; a claim (of an address, a MAC, a VNI) holds even so, for somebody unknown.
   */
  apply(change: Change, changed: (change: ViewChange) => void): void {
    const key = change.type === 'put' ? change.entry.key : change.key
    const slash = key.indexOf('/')
    const kind = key.slice(0, slash)
    const name = key.slice(slash + 1)
    this.unreadable.delete(key)
    try {
      this.#applyTo(kind, name, change, changed)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.unreadable.set(key, why)
      this.#hold(kind, name)
      this.#log.error(
        { key, why },
        `the record ${JSON.stringify(key)} of the store cannot be read and is left alone: is a newer kuryr writing?`,
      )
    }
  }

  /** @throws NeutronError ServiceUnavailable when the record at one of `keys` cannot be read */
  checkReadable(keys: Iterable<string>): void {
    if (this.unreadable.size === 0) return
    for (const key of keys) {
      const why = this.unreadable.get(key)
      if (why === undefined) continue
      const what = `The record ${JSON.stringify(key)} of the store cannot be read (${why})`
      throw new NeutronError('ServiceUnavailable', `${what}: nothing was changed. Is a newer kuryr writing?`)
    }
  }

  #hold(kind: string, name: string): void {
    if (kind === 'addresses') {
      const [subnetId = '', address = ''] = name.split('/')
      if (isIP(address) === 0) return
      this.addresses.put(subnetId, address, { port: 'unknown', chosen: false, modRevision: 0 })
    } else if (kind === 'macs') this.#macs.set(name, this.#macs.get(name) ?? 'unknown')
    else if (kind === 'vnis') this.vnis.set(Number(name), this.vnis.get(Number(name)) ?? 'unknown')
  }

  #applyTo(kind: string, name: string, change: Change, changed: (change: ViewChange) => void): void {
    switch (kind) {
      case 'networks':
        applyResource(this.networks, name, change, decode.networks)
        changed({ type: 'network', networkId: name })
        break
      case 'subnets':
        this.#applySubnet(name, change, changed)
        break
      case 'subnetpools':
        applyResource(this.subnetpools, name, change, decode.subnetpools)
        break
      case 'ports':
        this.#applyPort(name, change, changed)
        break
      case 'agents':
        applyResource(this.agents, name, change, decode.agents)
        changed({ type: 'host', host: name })
        break
      case 'agents-alive':
        applyTo(this.alive, name, change, value => decode.heartbeat(value).at)
        break
      case 'addresses':
        this.#applyAddress(name, change)
        break
      case 'macs':
        applyTo(this.#macs, name, change, decode.owner)
        break
      case 'vnis':
        applyTo(this.vnis, Number(name), change, decode.owner)
        break
      case 'network-subnets':
        applyTo(this.networkSubnets, name, change, prefixRow)
        changed({ type: 'network', networkId: name })
        break
      case 'pool-prefixes':
        applyTo(this.poolPrefixes, name, change, prefixRow)
        break
    }
  }

  #applySubnet(id: string, change: Change, changed: (change: ViewChange) => void): void {
    const before = this.subnets.get(id)?.value
    applyResource(this.subnets, id, change, decode.subnets)
    const after = this.subnets.get(id)?.value
    // Tags and names change more often than pools: keep the allocator and its place.
    const samePools = JSON.stringify(before?.allocation_pools) === JSON.stringify(after?.allocation_pools)
    if (!samePools) this.addresses.forgetAllocator(id)
    const networkId = (after ?? before)?.network_id
    if (networkId !== undefined) changed({ type: 'network', networkId })
  }

  #applyPort(id: string, change: Change, changed: (change: ViewChange) => void): void {
    const before = this.ports.get(id)?.value
    applyResource(this.ports, id, change, decode.ports)
    const networkId = (this.ports.get(id)?.value ?? before)?.network_id
    if (networkId !== undefined) changed({ type: 'port', networkId, portId: id })
  }

  #applyAddress(name: string, change: Change): void {
    const [subnetId = '', address = ''] = name.split('/')
    if (change.type === 'delete') {
      this.addresses.delete(subnetId, address)
      return
    }
    const claim = decode.addresses(change.entry.value)
    if (isIP(address) === 0) throw new Error('expected an IP address at the end of the key')
    this.addresses.put(subnetId, address, { ...claim, modRevision: change.entry.modRevision })
  }
}

function applyResource<R>(table: ResourceTable<R>, key: string, change: Change, read: (value: string) => R): void {
  if (change.type === 'delete') table.delete(key)
  else table.put(key, { value: read(change.entry.value), modRevision: change.entry.modRevision })
}

function applyTo<K, V>(map: Map<K, V>, key: K, change: Change, read: (value: string, modRevision: number) => V): void {
  if (change.type === 'delete') map.delete(key)
  else map.set(key, read(change.entry.value, change.entry.modRevision))
}

function prefixRow(value: string, modRevision: number): Row<SubnetPrefix[]> {
  return { value: decode.prefixes(value), modRevision }
}
