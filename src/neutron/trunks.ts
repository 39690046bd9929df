import { type Static, Type } from 'typebox'
import type { Call } from './neutron.ts'

const SubPort = Type.Object({
  port_id: Type.String(),
  segmentation_type: Type.String(),
  /** The VLAN id that the port's frames carry on the parent. */
  segmentation_id: Type.Integer(),
})
export type SubPort = Static<typeof SubPort>

/** A parent port of a VM that carries other ports as VLANs, as Neutron's `trunk` extension has it. */
export const Trunk = Type.Object({ id: Type.String(), port_id: Type.String(), sub_ports: Type.Array(SubPort) })
export type Trunk = Static<typeof Trunk>

/** The calls on trunks that containers inside VMs need. All reject with `NeutronError`. */
export interface Trunks {
  /** The trunk whose parent this port is; there is at most one. */
  ofParent(portId: string, call?: Call): Promise<Trunk | undefined>
  /** @throws {NeutronError} 409 if the VLAN id or the port is in use */
  addSubPort(trunkId: string, subPort: SubPort, call?: Call): Promise<void>
  /** A port that the trunk does not have is success. */
  removeSubPort(trunkId: string, portId: string, call?: Call): Promise<void>
}
