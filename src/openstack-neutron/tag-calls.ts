import type { TagCall } from '../neutron/neutron.ts'
import { NeutronError } from '../neutron/errors.ts'
import type { KnownExtensions } from './known-extensions.ts'
import type { NetworkingCalls } from './networking-calls.ts'
import { pathOf, type ResourceKind } from './resource-kinds.ts'

/** Lets several tags be added by one request, beside those that are there (Neutron 2024.2). */
const ADD_SEVERAL = 'tag-creation'

/** The calls on the tags of one kind of resource, in as few requests as are safe. */
export class TagCalls {
  readonly #kind: ResourceKind
  readonly #calls: NetworkingCalls
  readonly #extensions: KnownExtensions

  constructor(kind: ResourceKind, calls: NetworkingCalls, extensions: KnownExtensions) {
    this.#kind = kind
    this.#calls = calls
    this.#extensions = extensions
  }

  /** Puts `tags` in place of all that the resource has: for one that nobody else can have tagged. */
  async replace(id: string, tags: readonly string[], { signal }: TagCall): Promise<void> {
    await this.#ask({ method: 'PUT', path: this.#path(id), body: { tags: [...new Set(tags)] }, signal })
  }

  /**
   * One request where all tags are known or Neutron can add several; else one per tag: to read all, add and write all
   * would lose what another host adds in between. They are added in the order given, for who is cut off half-way.
   */
  async add(id: string, tags: readonly string[], call: TagCall): Promise<void> {
    const missing = [...new Set(tags)].filter(tag => !call.present?.includes(tag))
    tags.forEach(refuseUnusable)
    if (missing.length === 0 && tags.length > 0) return
    if (call.present !== undefined) return this.replace(id, [...call.present, ...missing], call)
    const { signal } = call
    if (missing.length > 1 && (await this.#extensions.has(ADD_SEVERAL, call))) {
      await this.#ask({ method: 'POST', path: this.#path(id), body: { tags: missing }, signal })
      return
    }
    for (const tag of missing) await this.#ask({ method: 'PUT', path: this.#path(id, tag), signal })
  }

  /** One by one, in the order given, unless all tags are known. */
  async remove(id: string, tags: readonly string[], call: TagCall): Promise<void> {
    const unwanted = [...new Set(tags)].filter(tag => call.present?.includes(tag) ?? true)
    if (call.present !== undefined) {
      if (unwanted.length === 0) return
      return this.replace(
        id,
        call.present.filter(tag => !unwanted.includes(tag)),
        call,
      )
    }
    for (const tag of unwanted) await this.#removeOne(id, tag, call)
  }

  async #removeOne(id: string, tag: string, { signal }: TagCall): Promise<void> {
    try {
      await this.#ask({ method: 'DELETE', path: this.#path(id, tag), signal })
    } catch (error) {
      if (error instanceof NeutronError && error.type === 'TagNotFound') return
      throw error
    }
  }

  async #ask(request: Parameters<NetworkingCalls['ask']>[0]): Promise<void> {
    await this.#calls.ask(request, this.#kind.notFound)
  }

  #path(id: string, tag?: string): string {
    const base = `${pathOf(this.#kind)}/${encodeURIComponent(id)}/tags`
    return tag === undefined ? base : `${base}/${encodeURIComponent(tag)}`
  }
}

/** A tag with a comma could be set by its path, and never be searched for. */
function refuseUnusable(tag: string): void {
  if (tag !== '' && tag.length <= 255 && !tag.includes(',')) return
  throw new NeutronError('InvalidInput', `tag ${JSON.stringify(tag)}: expected 1 to 255 characters without comma`)
}
