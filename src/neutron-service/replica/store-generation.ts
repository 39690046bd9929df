import { randomUUID } from 'node:crypto'
import type { Entry, Range, Store } from '../../store/store.ts'
import { keys } from '../keys.ts'
import { decode, encode } from '../records.ts'

/** Which store this host belongs to, remembered beyond the life of the process. */
export interface GenerationMemory {
  /** `undefined`: this host has never had a store. */
  recall(): string | undefined
  remember(generation: string): void
  /** What the operator does when the store was replaced on purpose. */
  readonly toAccept: string
}

/** For as long as the process lives. */
export class ProcessMemory implements GenerationMemory {
  readonly toAccept = 'restart this process if that was on purpose'
  #generation: string | undefined

  recall(): string | undefined {
    return this.#generation
  }

  remember(generation: string): void {
    this.#generation = generation
  }
}

/** The store that answers is not the one that this host belongs to: it was emptied, or another one was put in its place. */
export class StoreReplacedError extends Error {
  override readonly name = 'StoreReplacedError'
}

/** The store's name, and the revision of its record. */
export interface Generation {
  name: string
  modRevision: number
}

/** The record of the store's name among `entries`. @throws {Error} when it cannot be read */
export function generationIn(entries: readonly Entry[]): Generation | undefined {
  const entry = entries.find(({ key }) => key === keys.generation)
  return entry && { name: decode.owner(entry.value), modRevision: entry.modRevision }
}

/**
 * Everything in the store, and the store's name, which it gets now if it has none yet.
 * @throws {StoreReplacedError} when it is not the store that `memory` knows; StoreUnavailableError
 */
export async function readStore(
  store: Store,
  memory: GenerationMemory,
  signal: AbortSignal,
): Promise<Range & { generation: Generation }> {
  const known = memory.recall()
  let range = await store.range('', { signal })
  let generation = generationIn(range.entries)
  if (generation === undefined && known === undefined) {
    await nameStore(store, signal)
    range = await store.range('', { signal })
    generation = generationIn(range.entries)
  }
  if (generation === undefined || (known !== undefined && known !== generation.name)) {
    throw replaced(range.entries.length, { known, found: generation?.name, toAccept: memory.toAccept })
  }
  if (known === undefined) memory.remember(generation.name)
  return { ...range, generation }
}

/** One of all hosts that try wins; whose answer is lost reads what came of it. */
async function nameStore(store: Store, signal: AbortSignal): Promise<void> {
  const name = randomUUID()
  const value = encode(name, name)
  const then = [
    { put: keys.generation, value },
    { put: keys.head, value },
  ]
  await store.transaction({ when: [{ key: keys.generation, exists: false }], then }, { signal })
}

function replaced(
  entries: number,
  { known, found, toAccept }: { known: string | undefined; found: string | undefined; toAccept: string },
): StoreReplacedError {
  const now = found === undefined ? `has no name and ${entries} keys` : `is ${found}`
  return new StoreReplacedError(
    `the store was emptied or replaced: this host belongs to store ${known ?? 'unknown'}, the one that answers ${now}. ` +
      `Running containers keep their network as it was. Put the store's data back, or ${toAccept}`,
  )
}
