import type { Network, Port } from '../neutron/resources.ts'

/**
 * The embedded L2 network between hosts: on each host one network namespace per Neutron network, which holds its
 * bridge, its VXLAN device and the host ends of its ports. Forwarding entries follow the {@link ClusterView}.
 */
export interface Fabric {
  /** Takes over what an earlier daemon left in the kernel, mends it by the cluster view, and follows the view from then on. */
  start(): Promise<void>

  /** Stops following. Links, namespaces and traffic stay as they are. */
  stop(): Promise<void>

  /**
   * Makes the veth of `port`: its host end in the network's namespace, its container end (named by
   * `containerInterfaceName`) in the host's namespace. Makes the network's namespace first if it is not there.
   */
  attach(port: Port, network: Network): Promise<void>

  /** Removes the veth of the port; with the last one, the network's namespace. Nothing there is success. */
  detach(portId: string, networkId: string): Promise<void>

  /** What `kuryr status` tells: networks, local and remote ports, and what is wrong. */
  status(): FabricStatus
}

export interface FabricStatus {
  localAddress: string | undefined
  networks: { networkId: string; vni: number; namespace: string; localPorts: number; remotePorts: number }[]
  /** In words; empty when all is well. */
  problems: string[]
}
