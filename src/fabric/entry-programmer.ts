import type { LinkOps } from '../host-network/link-ops.ts'
import type { RemoteEntries } from './desired-entries.ts'
import { entryChanges } from './entry-changes.ts'

/**
 * Keeps the entries of one VXLAN device at what is desired. It remembers what it has applied, so that a change costs
 * only its difference, and asks the kernel instead wherever that memory may be wrong.
 */
export class EntryProgrammer {
  readonly #linkOps: LinkOps
  readonly #target: { namespace: string; device: string }
  /** Undefined: unknown, to be read from the kernel. */
  #applied: RemoteEntries | undefined

  constructor(linkOps: LinkOps, target: { namespace: string; device: string }) {
    this.#linkOps = linkOps
    this.#target = target
  }

  /** The next {@link program} compares with the kernel. */
  distrust(): void {
    this.#applied = undefined
  }

  /** Makes the kernel's entries equal to `desired`; where a change is refused, once more from what the kernel really has. */
  async program(desired: RemoteEntries): Promise<void> {
    const fromMemory = this.#applied
    try {
      await this.#change(fromMemory ?? (await this.#read()), desired)
    } catch {
      this.distrust()
      await this.#change(await this.#read(), desired)
    }
    this.#applied = desired
  }

  async #change(applied: RemoteEntries, desired: RemoteEntries): Promise<void> {
    const changes = entryChanges(applied, desired)
    // Side by side and both to their end: one table's failure must not leave the other half done behind our back.
    const results = await Promise.allSettled([
      this.#linkOps.changeForwarding(this.#target, changes.forwarding),
      this.#linkOps.changeNeighbours(this.#target, changes.neighbours),
    ])
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #read(): Promise<RemoteEntries> {
    const { namespace, device } = this.#target
    const [forwarding, neighbours] = await Promise.all([
      this.#linkOps.listForwarding(namespace, device),
      this.#linkOps.listNeighbours(namespace, device),
    ])
    return {
      // An incomplete entry equals no desired one, so it is written again, or removed.
      forwarding: new Map(forwarding.map(row => [row.mac, row.complete ? (row.destination ?? '') : ''])),
      neighbours: new Map(neighbours.map(row => [row.address, row.mac])),
    }
  }
}
