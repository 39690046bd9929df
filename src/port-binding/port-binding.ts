import type { Network, Port } from '../neutron/resources.ts'

/**
 * From a Neutron port to an interface on this host, and back. One folder per `binding:vif_type` implements it; the
 * registry in `binding-by-vif-type.ts` picks it by the port's vif type.
 */
export interface PortBinding {
  /**
   * Plugs `port` on this host and leaves a link for Docker to move into the sandbox. Idempotent: a port that is plugged
   * is plugged anew only where something differs. Half a plug is undone before it rejects.
   */
  bind(request: BindRequest, call: BindCall): Promise<BoundInterface>

  /** Removes whatever `bind` made for this port; nothing there is success. */
  unbind(request: UnbindRequest, call: BindCall): Promise<void>

  /**
   * What this host has of ports plugged by this binding, also by an earlier daemon, whole or in part. Left out where the
   * binding takes care of its own remains.
   */
  plugs?(call: BindCall): Promise<Plug[]>

  /**
   * True where Neutron names another host than this for ports that are plugged here (the hypervisor of the VM that this
   * host is): then `unbind` finds out by itself whether a port is here.
   */
  readonly isOnAnyHost?: boolean
}

/** What a host has of a port that was plugged. */
export interface Plug {
  portId: string
  /** Whether a container has its end: then taking it away would be noticed. */
  inUse: boolean
}

export interface BindRequest {
  port: Port
  network: Network
  /** Docker's endpoint id (OVS `external_ids:vm-uuid`). */
  endpointId: string
}

export interface UnbindRequest {
  portId: string
  /** May be missing where a port is gone from Neutron and only its plug tells of it. */
  networkId?: string
}

export interface BindCall {
  signal?: AbortSignal
}

export interface BoundInterface {
  /** The link in the host's namespace that Docker shall move (`Join`'s `SrcName`). */
  containerInterface: string
  /** Whether traffic passes already, so that the port is ACTIVE; false where an L2 agent wires it and says so itself. */
  wired: boolean
  /** True where the link has a MAC that cannot be changed, so that Docker must not be told another. */
  keepsOwnMac?: boolean
}

/** Whether `unbind` is to be called for this port on the host of that name. */
export function mayBeHere(binding: Pick<PortBinding, 'isOnAnyHost'>, port: Port, host: string): boolean {
  return binding.isOnAnyHost === true || port['binding:host_id'] === host
}
