import type { LinkOps } from '../host-network/link-ops.ts'
import { EntryProgrammer } from './entry-programmer.ts'
import { type NamespaceSpec, vxlanName } from './network-namespace.ts'

/** A network that has its namespace on this host, as far as this process knows. */
export class LocalNetwork {
  readonly networkId: string
  spec: NamespaceSpec
  readonly entries: EntryProgrammer
  /** Ids of the ports plugged here. */
  readonly ports = new Set<string>()
  remotePorts = 0
  /** Nothing in the cluster view has changed since the entries were programmed; only known while it is followed. */
  current = false
  /** Times in a row that programming its entries has failed. */
  failures = 0
  /** Stops the waiting update of its entries. */
  cancelUpdate: (() => void) | undefined

  constructor(linkOps: LinkOps, networkId: string, spec: NamespaceSpec) {
    this.networkId = networkId
    this.spec = spec
    this.entries = new EntryProgrammer(linkOps, { namespace: spec.namespace, device: vxlanName })
  }
}
