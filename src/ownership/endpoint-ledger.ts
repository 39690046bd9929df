import type { Port, Subnet } from '../neutron/resources.ts'

/** What this daemon knows of an endpoint that it made, to spare the network service the question. */
export interface KnownEndpoint {
  port: Port
  subnets: Subnet[]
  internal: boolean
  containerInterface: string
  /** What the interface shall be called in the container; forgotten in a restart, Docker then chooses. */
  interfaceName?: string
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
}
