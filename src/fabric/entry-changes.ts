import type { Changes, ForwardingEntry, NeighbourEntry } from '../host-network/link-ops.ts'
import type { RemoteEntries } from './desired-entries.ts'

export interface EntryChanges {
  forwarding: Changes<ForwardingEntry>
  neighbours: Changes<NeighbourEntry>
}

/** What turns `applied` into `desired`, and nothing more. */
export function entryChanges(applied: RemoteEntries, desired: RemoteEntries): EntryChanges {
  const forwarding = difference(applied.forwarding, desired.forwarding)
  const neighbours = difference(applied.neighbours, desired.neighbours)
  const asForwarding = ([mac, destination]: [string, string]): ForwardingEntry => ({ mac, destination })
  const asNeighbour = ([address, mac]: [string, string]): NeighbourEntry => ({ address, mac })
  return {
    forwarding: { replace: forwarding.replace.map(asForwarding), remove: forwarding.remove.map(asForwarding) },
    neighbours: { replace: neighbours.replace.map(asNeighbour), remove: neighbours.remove.map(asNeighbour) },
  }
}

function difference(applied: Map<string, string>, desired: Map<string, string>): Changes<[string, string]> {
  return {
    replace: [...desired].filter(([key, value]) => applied.get(key) !== value),
    remove: [...applied].filter(([key]) => !desired.has(key)),
  }
}
