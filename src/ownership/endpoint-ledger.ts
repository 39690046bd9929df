import type { Port, Subnet } from '../neutron/resources.ts'
import { poolsOfPort } from './marks.ts'

/** What this daemon knows of an endpoint that it made, to spare the network service the question. */
export interface KnownEndpoint {
  port: Port
  subnets: Subnet[]
  internal: boolean
  containerInterface: string
  /** What the interface shall be called in the container; forgotten in a restart, Docker then chooses. */
  interfaceName?: string
  /** CreateEndpoint told of ports to publish: the endpoint is its container's first that may be the gateway. */
  asksToPublish?: boolean
}

/** A port that was given addresses of several families at once, of which Docker has asked for the first only. */
export interface AheadOfDocker {
  portId: string
  /** The addresses that Docker has not asked for yet. */
  addresses: { subnetId: string; address: string }[]
}

/**
 * What happened between the calls for one endpoint. All of it can be lost: the network service is asked where it is
 * missing.
 */
export class EndpointLedger {
  readonly #endpoints = new Map<string, KnownEndpoint>()
  readonly #ended = new Set<string>()
  readonly #ahead = new Map<string, AheadOfDocker>()
  readonly #ports = new Map<string, Port>()
  readonly #released = new Set<string>()
  /** The Neutron networks of pools, as the ports tell. */
  readonly #networks = new Map<string, string>()

  get(endpointId: string): KnownEndpoint | undefined {
    return this.#endpoints.get(endpointId)
  }

  add(endpointId: string, endpoint: KnownEndpoint): void {
    this.#endpoints.set(endpointId, endpoint)
  }

  /** DeleteEndpoint was done for this port: the first ReleaseAddress may delete it whole. */
  end(endpointId: string, portId: string): void {
    this.#endpoints.delete(endpointId)
    this.#ended.add(portId)
  }

  /** Whether DeleteEndpoint was done for this port. */
  hasEnded(portId: string): boolean {
    return this.#ended.has(portId)
  }

  /** The port is gone. */
  forgetPort(portId: string): void {
    this.#ended.delete(portId)
    for (const [id, { port }] of this.#endpoints) if (port.id === portId) this.#endpoints.delete(id)
    for (const [id, ahead] of this.#ahead) if (ahead.portId === portId) this.#ahead.delete(id)
    this.forgetAddresses(portId)
  }

  /**
   * Docker holds a lock per network from RequestAddress to CreateEndpoint (libnetwork `network.go`), so there is one
   * such port per Docker network at most; a new one replaces what a failed start left.
   */
  setAhead(dockerNetworkId: string, ahead: AheadOfDocker): void {
    this.#ahead.set(dockerNetworkId, ahead)
  }

  ahead(dockerNetworkId: string): AheadOfDocker | undefined {
    return this.#ahead.get(dockerNetworkId)
  }

  clearAhead(dockerNetworkId: string): void {
    this.#ahead.delete(dockerNetworkId)
  }

  /** A container's port as this daemon made, found or last changed it: it is found by its addresses. */
  setPort(port: Port): void {
    for (const poolId of poolsOfPort(port.tags)) this.#networks.set(poolId, port.network_id)
    keepYoungest(this.#networks, MOST_POOLS)
    for (const { ip_address } of port.fixed_ips) {
      const place = placeOf(port.network_id, ip_address)
      this.#ports.set(place, port)
      this.#released.delete(place)
    }
  }

  /** The port's addresses are others now. */
  forgetAddresses(portId: string): void {
    for (const [place, { id }] of this.#ports) if (id === portId) this.#ports.delete(place)
  }

  /** The port of this daemon's that has the address in the Neutron network. */
  portWith(networkId: string, address: string): Port | undefined {
    return this.#ports.get(placeOf(networkId, address))
  }

  /** The port went with its first address; Docker will release this one too. */
  setReleased(networkId: string, address: string): void {
    this.#released.add(placeOf(networkId, address))
    keepYoungest(this.#released, MOST_RELEASED)
  }

  /** The Neutron network that ports with addresses of this pool are in, if one was seen: it never becomes another. */
  networkOf(poolId: string): string | undefined {
    return this.#networks.get(poolId)
  }

  /** Whether the address went with its port already; the next question is about another port. */
  takeReleased(networkId: string, address: string): boolean {
    return this.#released.delete(placeOf(networkId, address))
  }
}

/** Docker does not release every address that it was given (IPv6 link-local, up to 24.0). */
const MOST_RELEASED = 10_000

const MOST_POOLS = 10_000

function keepYoungest(entries: Map<string, unknown> | Set<string>, most: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size <= most) return
    entries.delete(oldest)
  }
}

function placeOf(networkId: string, address: string): string {
  return `${networkId} ${address}`
}
