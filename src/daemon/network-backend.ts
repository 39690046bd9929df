import type { FabricStatus } from '../fabric/fabric.ts'
import type { AccessServices } from '../neutron/access.ts'
import type { Neutron } from '../neutron/neutron.ts'
import type { PortBinding } from '../port-binding/port-binding.ts'

/** The network service and what plugs its ports on this host. */
export interface NetworkBackend {
  kind: 'embedded' | 'openstack'
  neutron: Neutron
  /** Security groups, QoS policies and floating IPs, where the network service has them. */
  access: AccessServices | undefined
  binding: PortBinding
  /** Rejects when the host's network could not be made ready; until then calls wait. */
  ready: Promise<void>
  /**
   * Rejects when what holds the networks does not answer at this moment, or is not the one that this host belongs to: the
   * embedded Neutron's store, or OpenStack.
   */
  probeStore(signal: AbortSignal): Promise<void>
  /** Why the store that answers cannot be used, with what to do; `undefined` when it can. */
  storeProblem(): string | undefined
  fabricStatus(): FabricStatus
  close(): Promise<void>
}
