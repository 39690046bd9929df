import { randomBytes } from 'node:crypto'
import { KeyedMutex } from '../../../src/concurrency/keyed-mutex.ts'
import { DockerError } from './plugin-client.ts'

/** Carries one call to a plugin. */
export type Transport = (method: string, message: object) => Promise<unknown>

/** `docker network create` */
export interface NetworkFlags {
  /** `--subnet`: one, several, or none. IPv6 ones need `ipv6`. */
  subnet?: string | string[]
  gateway?: string
  ipRange?: string
  ipv6?: boolean
  internal?: boolean
  aux?: Record<string, string>
  /** `-o` */
  opt?: Record<string, string>
  /** `--ipam-opt` */
  ipamOpt?: Record<string, string>
  /** As Docker 28 and newer do it: asked first whether a gateway is wanted. */
  gwAllocCheck?: boolean
}

/** A network as one dockerd (or, with a cluster store, all of them) keeps it. */
export interface NetworkRecord {
  id: string
  pools: PoolRecord[]
}

export interface PoolRecord {
  poolId: string
  pool: string
  gateway: string
  v6: boolean
  aux: Record<string, string>
}

/** `docker run` */
export interface RunFlags {
  ip?: string
  ip6?: string
  mac?: string
  /** `--network name=…,driver-opt=…` */
  driverOpt?: Record<string, unknown>
  /** `--expose` and `-p`, by IANA's protocol numbers. */
  expose?: { Proto: number; Port: number }[]
  /** Whether CreateEndpoint tells nothing of what is exposed: an internal network, or not the container's first. */
  exposedLate?: boolean
  /** `-p`: exposed, too. */
  publish?: PortMapping[]
}

/** A port to publish (`-p`), as dockerd sends it; outer port 0: any. */
export interface PortMapping {
  Proto: number
  Port: number
  HostIP?: string
  HostPort?: number
  HostPortEnd?: number
}

/** A running container's endpoint. */
export interface EndpointRecord {
  id: string
  /** Whether Docker told the plugin of ports to publish. */
  publishes: boolean
  network: NetworkRecord
  addresses: { poolId: string; address: string }[]
  mac: string
  joined: {
    InterfaceName: { SrcName: string; DstPrefix: string; DstName?: string }
    Gateway?: string
    GatewayIPv6?: string
  } & object
}

type RemovalOrder = 'ipam first' | 'network first'

const GATEWAY = { RequestAddressType: 'com.docker.network.gateway' }

/** Docker's id of a network, endpoint or sandbox. */
export function dockerId(): string {
  return randomBytes(32).toString('hex')
}

/**
 * dockerd's side of the protocol: which calls it makes for which command, with what it takes back when one fails
 * (docker-versions of the reference, recorded from 20.10 to 28).
 */
export class Docker {
  readonly #send: Transport
  readonly #networkLocks = new KeyedMutex()
  /** Errors that dockerd only logs. */
  readonly ignored: string[] = []

  constructor(send: Transport) {
    this.#send = send
  }

  async createNetwork(flags: NetworkFlags, id = dockerId()): Promise<NetworkRecord> {
    const network: NetworkRecord = { id, pools: [] }
    const Options = networkOptions(flags)
    const check = flags.gwAllocCheck === true ? await this.#send('NetworkDriver.GwAllocCheck', { Options }) : {}
    const skips = check as { SkipIPv4?: boolean; SkipIPv6?: boolean }
    try {
      for (const wanted of poolsOf(flags)) {
        const skipped = wanted.v6 ? skips.SkipIPv6 : skips.SkipIPv4
        network.pools.push(await this.#requestPool(flags, { ...wanted, skipped: skipped === true }))
      }
      await this.#send('NetworkDriver.CreateNetwork', createNetworkMessage(network, flags))
    } catch (error) {
      await this.#releasePools(network)
      throw error
    }
    return network
  }

  async #requestPool(
    flags: NetworkFlags,
    { subnet, v6, skipped }: WantedPool & { skipped: boolean },
  ): Promise<PoolRecord> {
    const SubPool = v6 ? '' : (flags.ipRange ?? '')
    const message = { AddressSpace: 'GlobalDefault', Pool: subnet, SubPool, Options: flags.ipamOpt ?? {}, V6: v6 }
    const made = (await this.#send('IpamDriver.RequestPool', message)) as {
      PoolID: string
      Pool: string
      Data?: Record<string, string>
    }
    const pool: PoolRecord = { poolId: made.PoolID, pool: made.Pool, gateway: '', v6, aux: {} }
    try {
      const given = flags.gateway?.includes(':') === v6 ? flags.gateway : undefined
      const answered = made.Data?.['com.docker.network.gateway']
      if (given !== undefined || (!answered && !skipped)) {
        pool.gateway = await this.#requestAddress(pool, given, GATEWAY)
      } else if (answered) {
        pool.gateway = answered
      }
      for (const [name, address] of Object.entries(flags.aux ?? {})) {
        if (address.includes(':') === v6) pool.aux[name] = await this.#requestAddress(pool, address, null)
      }
    } catch (error) {
      await this.#ignoring('IpamDriver.ReleasePool', { PoolID: pool.poolId })
      throw error
    }
    return pool
  }

  async #requestAddress(pool: PoolRecord, address = '', options: object | null): Promise<string> {
    const message = { PoolID: pool.poolId, Address: address, Options: options }
    return ((await this.#send('IpamDriver.RequestAddress', message)) as { Address: string }).Address
  }

  async #releasePools({ pools }: NetworkRecord): Promise<void> {
    for (const { poolId, gateway, aux } of pools) {
      for (const address of [gateway, ...Object.values(aux)]) await this.#releaseAddress(poolId, address)
      await this.#ignoring('IpamDriver.ReleasePool', { PoolID: poolId })
    }
  }

  async #releaseAddress(poolId: string, address: string): Promise<void> {
    if (address === '') return
    await this.#ignoring('IpamDriver.ReleaseAddress', { PoolID: poolId, Address: address.replace(/\/.*/, '') })
  }

  /** Docker 20.10.23 and newer: IPAM first; older: network first. */
  async removeNetwork(network: NetworkRecord, order: RemovalOrder = 'ipam first'): Promise<void> {
    const deleteNetwork = () => this.#ignoring('NetworkDriver.DeleteNetwork', { NetworkID: network.id })
    if (order === 'network first') await deleteNetwork()
    await this.#releasePools(network)
    if (order === 'ipam first') await deleteNetwork()
  }

  async run(network: NetworkRecord, flags: RunFlags = {}, id = dockerId()): Promise<EndpointRecord> {
    const ids = { NetworkID: network.id, EndpointID: id }
    // dockerd holds a lock per network from RequestAddress to CreateEndpoint.
    const made = await this.#networkLocks.run(network.id, () => this.#createEndpoint(network, flags, ids))
    try {
      const SandboxKey = `/var/run/docker/netns/${id.slice(0, 12)}`
      const joined = await this.#send('NetworkDriver.Join', { ...ids, SandboxKey, Options: portOptions(flags) })
      if (flags.publish) await this.#publish(ids, flags.publish)
      await this.#send('NetworkDriver.EndpointOperInfo', ids)
      const publishes = flags.publish !== undefined
      return { id, network, publishes, ...made, joined: joined as EndpointRecord['joined'] }
    } catch (error) {
      await this.#ignoring('NetworkDriver.DeleteEndpoint', ids)
      for (const { poolId, address } of made.addresses) await this.#releaseAddress(poolId, address)
      throw error
    }
  }

  /** Its failure takes back the addresses, but no endpoint. */
  async #createEndpoint(
    network: NetworkRecord,
    flags: RunFlags,
    ids: object,
  ): Promise<Pick<EndpointRecord, 'addresses' | 'mac'>> {
    const addresses: EndpointRecord['addresses'] = []
    try {
      for (const v6 of [false, true]) {
        const pool = network.pools.find(one => one.v6 === v6)
        if (!pool) continue
        const address = await this.#requestAddress(pool, v6 ? flags.ip6 : flags.ip, null)
        addresses.push({ poolId: pool.poolId, address })
      }
      const Interface = { ...interfaceOf(addresses), MacAddress: flags.mac ?? '' }
      const answer = (await this.#send('NetworkDriver.CreateEndpoint', {
        ...ids,
        Interface,
        Options: { ...(flags.exposedLate !== true && portOptions(flags)), ...flags.driverOpt },
      })) as {
        Interface: { MacAddress?: string }
      }
      return { addresses, mac: flags.mac ?? answer.Interface.MacAddress ?? '' }
    } catch (error) {
      for (const { poolId, address } of addresses) await this.#releaseAddress(poolId, address)
      throw error
    }
  }

  /** The endpoint is its container's gateway now; its failure takes back Join. */
  async #publish(ids: object, ports: PortMapping[]): Promise<void> {
    try {
      await this.#send('NetworkDriver.ProgramExternalConnectivity', {
        ...ids,
        Options: portOptions({ publish: ports }),
      })
    } catch (error) {
      await this.#ignoring('NetworkDriver.Leave', ids)
      throw error
    }
  }

  async stop(endpoint: EndpointRecord): Promise<void> {
    const ids = { NetworkID: endpoint.network.id, EndpointID: endpoint.id }
    if (endpoint.publishes) await this.#ignoring('NetworkDriver.RevokeExternalConnectivity', ids)
    await this.#ignoring('NetworkDriver.Leave', ids)
    await this.#ignoring('NetworkDriver.DeleteEndpoint', ids)
    await this.releaseAddresses(endpoint)
  }

  /** All that an older Docker sends for an endpoint that died with its dockerd. */
  async releaseAddresses(endpoint: EndpointRecord): Promise<void> {
    for (const { poolId, address } of endpoint.addresses) await this.#releaseAddress(poolId, address)
  }

  async #ignoring(method: string, message: object): Promise<void> {
    try {
      await this.#send(method, message)
    } catch (error) {
      if (!(error instanceof DockerError)) throw error
      this.ignored.push(error.message)
    }
  }
}

interface WantedPool {
  subnet: string
  v6: boolean
}

function poolsOf(flags: NetworkFlags): WantedPool[] {
  const subnets = flags.subnet === undefined ? [] : [flags.subnet].flat()
  const v4 = subnets.filter(subnet => !subnet.includes(':'))
  const v6 = flags.ipv6 === true ? subnets.filter(subnet => subnet.includes(':')) : []
  const wanted = (list: string[], isV6: boolean) => list.map(subnet => ({ subnet, v6: isV6 }))
  return [
    ...wanted(v4.length > 0 ? v4 : [''], false),
    ...wanted(v6.length > 0 || flags.ipv6 !== true ? v6 : [''], true),
  ]
}

function createNetworkMessage(network: NetworkRecord, flags: NetworkFlags): object {
  const data = (v6: boolean) =>
    network.pools
      .filter(pool => pool.v6 === v6)
      .map(({ pool, gateway, aux }) => ({
        AddressSpace: 'GlobalDefault',
        Pool: pool,
        ...(gateway !== '' && { Gateway: gateway }),
        ...(Object.keys(aux).length > 0 && { AuxAddresses: aux }),
      }))
  return {
    NetworkID: network.id,
    Options: networkOptions(flags),
    IPv4Data: data(false),
    IPv6Data: data(true),
  }
}

function networkOptions(flags: NetworkFlags): object {
  return {
    'com.docker.network.enable_ipv6': flags.ipv6 ?? false,
    'com.docker.network.generic': flags.opt ?? {},
    ...(flags.internal === true && { 'com.docker.network.internal': true }),
  }
}

function portOptions({ expose = [], publish = [] }: Pick<RunFlags, 'expose' | 'publish'>): object {
  const exposed = [...expose, ...publish.map(({ Proto, Port }) => ({ Proto, Port }))]
  if (exposed.length === 0) return {}
  return { 'com.docker.network.endpoint.exposedports': exposed, 'com.docker.network.portmap': publish }
}

function interfaceOf(addresses: { address: string }[]): object {
  const find = (v6: boolean) => addresses.find(({ address }) => address.includes(':') === v6)?.address ?? ''
  return { Address: find(false), AddressIPv6: find(true) }
}

/** The plain address of the family. */
export function plainAddress(endpoint: EndpointRecord, version: 4 | 6 = 4): string {
  const found = endpoint.addresses.find(({ address }) => address.includes(':') === (version === 6))
  return found?.address.replace(/\/.*/, '') ?? ''
}

/** The entry at this place, which must be there. */
export function nth<T>(list: readonly T[], index: number): T {
  const entry = list[index]
  if (entry === undefined) throw new RangeError(`no entry ${index} among ${list.length}`)
  return entry
}
