import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { GenerationMemory } from '../neutron-service/replica/store-generation.ts'
import { readStateFile, writeStateFile } from '../state-file.ts'

/**
 * Which store this host belongs to, in `state_path/store.json`. So a daemon that is started on a store that lost its data
 * does not take the emptiness for the truth, and the containers that run go on. Another `[store] url` is the operator's
 * decision: the store that it names is this host's from then on.
 */
export class StoreMemory implements GenerationMemory {
  readonly toAccept: string
  readonly #path: string
  readonly #url: string

  /** @throws {Error} when nothing can be kept in `statePath` */
  constructor({ statePath, url }: { statePath: string; url: string }) {
    this.#path = join(statePath, 'store.json')
    this.#url = url
    try {
      mkdirSync(statePath, { recursive: true })
      accessSync(statePath, constants.W_OK | constants.X_OK)
    } catch (cause) {
      throw new Error(`[DEFAULT] state_path: expected a directory that can be written, got ${statePath}`, { cause })
    }
    this.toAccept = `stop kuryr, remove ${this.#path} and start it again if the networks are gone on purpose`
  }

  /** @throws {Error} when the file is there and cannot be read */
  recall(): string | undefined {
    const text = readStateFile(this.#path)
    if (text === undefined) return undefined
    const { url, generation } = this.#parse(text)
    return url === this.#url ? generation : undefined
  }

  remember(generation: string): void {
    writeStateFile(this.#path, { url: this.#url, generation })
  }

  #parse(text: string): { url: unknown; generation: string } {
    const problem = `${this.#path} is damaged: remove it, if the store at ${this.#url} is the right one`
    let content: unknown
    try {
      content = JSON.parse(text)
    } catch (cause) {
      throw new Error(problem, { cause })
    }
    const { url, generation } = (content ?? {}) as { url?: unknown; generation?: unknown }
    if (typeof generation !== 'string') throw new Error(problem)
    return { url, generation }
  }
}
