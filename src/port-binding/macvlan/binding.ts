import { NestedBinding, type NestedParts } from '../nested-binding.ts'
import type { PortBinding } from '../port-binding.ts'

/** Containers inside a VM, each with a MAC of its own beside the VM's. */
export function openMacvlanBinding(parts: NestedParts): PortBinding {
  return new NestedBinding('macvlan', parts)
}
