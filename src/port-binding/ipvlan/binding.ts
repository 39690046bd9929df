import { NestedBinding, type NestedParts } from '../nested-binding.ts'
import type { PortBinding } from '../port-binding.ts'

/** Containers inside a VM, all with the VM's MAC: for clouds that let only that pass. */
export function openIpvlanBinding(parts: NestedParts): PortBinding {
  return new NestedBinding('ipvlan', parts)
}
